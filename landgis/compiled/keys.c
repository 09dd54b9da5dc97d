/* Where keys stand in a table: open addressing over their hashes, the bytes compared to be sure.
 *
 * A slot holds half of the hash above the row + 1; 0 is empty. The seed is to differ from run to run, so that nobody can
 * make up keys that all fall on one slot. Slots are asked for some keys ahead, as they and the bytes
 * behind them lie anywhere in memory. */
enum { KEYS_AHEAD = 16 };

static uint64_t hash_of(uint64_t seed, const uint8_t *at, int64_t size)
{
    uint64_t h = seed * 0x9e3779b97f4a7c15u ^ (uint64_t)size, word;
    for (; size >= 8; at += 8, size -= 8) {
        memcpy(&word, at, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, at, (size_t)size);
    h = (h ^ word) * 0xc4ceb9fe1a85ec53u;
    h ^= h >> 29;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* The slot of a key, or the empty one where it would stand. */
static uint64_t slot_of(const uint64_t *slot, uint64_t mask, const uint8_t *keys, const int64_t *offset,
                        const uint8_t *at, int64_t size, uint64_t hash)
{
    uint64_t place = hash & mask;
    for (; slot[place]; place = (place + 1) & mask) {
        if ((slot[place] ^ hash) >> 32) continue;
        int64_t row = (int64_t)(uint32_t)slot[place] - 1;
        if (offset[row + 1] - offset[row] == size && !memcmp(keys + offset[row], at, (size_t)size)) break;
    }
    return place;
}

/* Fill empty slots with keys, and say which rows repeat a row before them; at least twice as many slots as rows. */
API void keys_fill(uint64_t *slot, uint64_t mask, uint64_t seed, const uint8_t *keys, const int64_t *offset, const uint8_t *valid,
                   int64_t rows, uint8_t *repeats)
{
    uint64_t hashes[KEYS_AHEAD];
    for (int64_t first = 0; first < rows; first += KEYS_AHEAD) {
        int64_t last = first + KEYS_AHEAD < rows ? first + KEYS_AHEAD : rows;
        for (int64_t row = first; row < last; row++) {
            hashes[row - first] = hash_of(seed, keys + offset[row], offset[row + 1] - offset[row]);
            AHEAD_OF(slot + (hashes[row - first] & mask));
        }
        for (int64_t row = first; row < last; row++) {
            repeats[row] = 0;
            if (valid && !valid[row]) continue;
            uint64_t hash = hashes[row - first];
            int64_t size = offset[row + 1] - offset[row];
            uint64_t place = slot_of(slot, mask, keys, offset, keys + offset[row], size, hash);
            repeats[row] = slot[place] != 0;
            if (!slot[place]) slot[place] = (hash >> 32 << 32) | (uint64_t)(row + 1);
        }
    }
}

/* The row of each wanted key, -1 where there is none or none is wanted. */
API void keys_find(const uint64_t *slot, uint64_t mask, uint64_t seed, const uint8_t *keys, const int64_t *offset,
                   const uint8_t *wanted, const int64_t *wanted_offset, const uint8_t *valid, int64_t rows, int64_t *row)
{
    uint64_t hashes[KEYS_AHEAD];
    for (int64_t first = 0; first < rows; first += KEYS_AHEAD) {
        int64_t last = first + KEYS_AHEAD < rows ? first + KEYS_AHEAD : rows;
        for (int64_t at = first; at < last; at++) {
            hashes[at - first] = hash_of(seed, wanted + wanted_offset[at], wanted_offset[at + 1] - wanted_offset[at]);
            AHEAD_OF(slot + (hashes[at - first] & mask));
        }
        for (int64_t at = first; at < last; at++) {
            uint64_t found = slot[hashes[at - first] & mask];
            if (found) AHEAD_OF(offset + (uint32_t)found - 1);
        }
        for (int64_t at = first; at < last; at++) {
            uint64_t found = slot[hashes[at - first] & mask];
            if (found) AHEAD_OF(keys + offset[(uint32_t)found - 1]);
        }
        for (int64_t at = first; at < last; at++) {
            row[at] = -1;
            if (valid && !valid[at]) continue;
            int64_t size = wanted_offset[at + 1] - wanted_offset[at];
            uint64_t place = slot_of(slot, mask, keys, offset, wanted + wanted_offset[at], size, hashes[at - first]);
            row[at] = (int64_t)(uint32_t)slot[place] - 1;
        }
    }
}
