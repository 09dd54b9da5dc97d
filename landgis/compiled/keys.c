/* Where keys stand in a table: open addressing over their hashes, the bytes compared to be sure.
 *
 * A slot holds the row + 1 in as many bits as the mask has, and above it bits of the hash; 0 is empty. The seed is to
 * differ from run to run, so that nobody can make up keys that all fall on one slot. Slots, and then the bytes behind
 * them, lie anywhere in memory: they are asked for some keys ahead. */
enum { KEYS_AHEAD = 64 };

/* Keys one behind the other; where all have one size it tells where they are, else (0) the offsets do. */
typedef struct { const uint8_t *at; const int64_t *offset; int64_t size; } Keys;

static inline int64_t key_size(Keys k, int64_t row) { return k.size ? k.size : k.offset[row + 1] - k.offset[row]; }

static inline const uint8_t *key_at(Keys k, int64_t row)
{
    return k.at + (k.size ? k.offset[0] + row * k.size : k.offset[row]);
}

static inline uint64_t word_at(const uint8_t *at) { uint64_t word; memcpy(&word, at, 8); return word; }

/* Fewer than 8 bytes as a word; with their number no other bytes make the same. */
static inline uint64_t word_of(const uint8_t *at, int64_t size)
{
    uint32_t first, last;
    if (size < 4) return size ? at[0] | (uint64_t)at[size / 2] << 8 | (uint64_t)at[size - 1] << 16 : 0;
    memcpy(&first, at, 4);
    memcpy(&last, at + size - 4, 4);
    return first | (uint64_t)last << 32;
}

static inline uint64_t mixed(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

static inline uint64_t hash_of(uint64_t seed, const uint8_t *at, int64_t size)
{
    uint64_t h = seed * 0x9e3779b97f4a7c15u ^ (uint64_t)size;
    for (int64_t i = 0; i + 8 < size; i += 8) h = mixed(h, word_at(at + i));
    h = mixed(h, size < 8 ? word_of(at, size) : word_at(at + size - 8)) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 32;
}

static inline int alike(const uint8_t *a, const uint8_t *b, int64_t size)
{
    if (size < 8) return word_of(a, size) == word_of(b, size);
    for (int64_t i = 0; i + 8 < size; i += 8)
        if (word_at(a + i) != word_at(b + i)) return 0;
    return word_at(a + size - 8) == word_at(b + size - 8);
}

/* From a place on, the next slot that may have a hash, or is empty. */
static inline uint64_t next_slot(const uint32_t *slot, uint64_t mask, uint64_t place, uint64_t hash)
{
    while (slot[place] && (slot[place] ^ (uint32_t)(hash >> 32)) & ~(uint32_t)mask) place = (place + 1) & mask;
    return place;
}

/* The same of a key: the slot that has it, or the empty one where it would stand. */
static inline uint64_t slot_of(const uint32_t *slot, uint64_t mask, uint64_t place, uint64_t hash, Keys k,
                               const uint8_t *at, int64_t size)
{
    for (;; place = next_slot(slot, mask, (place + 1) & mask, hash)) {
        if (!slot[place]) return place;
        int64_t row = (int64_t)(slot[place] & mask) - 1;
        if (key_size(k, row) == size && alike(key_at(k, row), at, size)) return place;
    }
}

/* Fill empty slots with keys, and say which rows repeat a row before them; more slots than rows. */
API void keys_fill(uint32_t *slot, uint64_t mask, uint64_t seed, const uint8_t *keys, const int64_t *offset, int64_t one_size,
                   const uint8_t *valid, int64_t rows, uint8_t *repeats)
{
    Keys k = {keys, offset, one_size};
    uint64_t hashes[KEYS_AHEAD];
    for (int64_t first = 0; first < rows; first += KEYS_AHEAD) {
        int count = (int)(first + KEYS_AHEAD < rows ? KEYS_AHEAD : rows - first);
        for (int i = 0; i < count; i++) {
            hashes[i] = hash_of(seed, key_at(k, first + i), key_size(k, first + i));
            AHEAD_OF(slot + (hashes[i] & mask));
        }
        for (int i = 0; i < count; i++) {
            int64_t row = first + i;
            repeats[row] = 0;
            if (valid && !valid[row]) continue;
            uint64_t place = next_slot(slot, mask, hashes[i] & mask, hashes[i]);
            place = slot_of(slot, mask, place, hashes[i], k, key_at(k, row), key_size(k, row));
            repeats[row] = slot[place] != 0;
            if (!slot[place]) slot[place] = ((uint32_t)(hashes[i] >> 32) & ~(uint32_t)mask) | (uint32_t)(row + 1);
        }
    }
}

/* The row of each wanted key, -1 where there is none or none is wanted. */
API void keys_find(const uint32_t *slot, uint64_t mask, uint64_t seed, const uint8_t *keys, const int64_t *offset,
                   int64_t one_size, const uint8_t *wanted, const int64_t *wanted_offset, const uint8_t *valid, int64_t rows,
                   int32_t *row)
{
    Keys k = {keys, offset, one_size}, w = {wanted, wanted_offset, 0};
    uint64_t hashes[KEYS_AHEAD], place[KEYS_AHEAD];
    for (int64_t first = 0; first < rows; first += KEYS_AHEAD) {
        int count = (int)(first + KEYS_AHEAD < rows ? KEYS_AHEAD : rows - first);
        for (int i = 0; i < count; i++) {
            hashes[i] = hash_of(seed, key_at(w, first + i), key_size(w, first + i));
            AHEAD_OF(slot + (hashes[i] & mask));
        }
        for (int i = 0; i < count; i++) {
            place[i] = next_slot(slot, mask, hashes[i] & mask, hashes[i]);
            uint32_t found = slot[place[i]] & (uint32_t)mask;
            if (!found) continue;
            if (k.size) AHEAD_OF(key_at(k, found - 1));
            else AHEAD_OF(offset + found - 1);
        }
        for (int i = 0; i < count && !k.size; i++) {
            uint32_t found = slot[place[i]] & (uint32_t)mask;
            if (found) AHEAD_OF(key_at(k, found - 1));
        }
        for (int i = 0; i < count; i++) {
            row[first + i] = -1;
            if (valid && !valid[first + i]) continue;
            uint64_t at = slot_of(slot, mask, place[i], hashes[i], k, key_at(w, first + i), key_size(w, first + i));
            row[first + i] = (int32_t)(slot[at] & mask) - 1;
        }
    }
}

API void keys_hash(uint64_t seed, const uint8_t *keys, const int64_t *offset, int64_t rows, uint64_t *hash)
{
    for (int64_t row = 0; row < rows; row++) hash[row] = hash_of(seed, keys + offset[row], offset[row + 1] - offset[row]);
}
