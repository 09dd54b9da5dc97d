/* Rows of occupancies in the order of parcel, firm and row: counted by parcel, laid there, and each parcel's few sorted.
 *
 * `start` is 0 and one longer than there are parcels. A row is its firm above its number while it is sorted; its floor
 * area then takes the same place, 0 where it is not known. What lies anywhere in memory is asked for some rows ahead. */
enum { HELD_AHEAD = 16, FEW = 32 };

static void sort_rows(uint64_t *row, int64_t count)
{
    for (int64_t gap = count < FEW ? 1 : count / 2; gap; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (int64_t i = gap; i < count; i++) {
            uint64_t one = row[i];
            int64_t at = i;
            for (; at >= gap && row[at - gap] > one; at -= gap) row[at] = row[at - gap];
            row[at] = one;
        }
}

API void held_rows(const int32_t *parcel, const int32_t *firm, const double *area, int64_t rows, int64_t parcels,
                   int32_t *start, int32_t *held_parcel, int32_t *held_firm, uint64_t *held_area, uint8_t *unknown)
{
    uint64_t *row = held_area;
    for (int64_t i = 0; i < rows; i++) start[parcel[i] + 1]++;
    for (int64_t p = 0; p < parcels; p++) start[p + 1] += start[p];
    for (int64_t i = 0; i < rows; i++) {
        if (i + HELD_AHEAD < rows) AHEAD_OF(row + start[parcel[i + HELD_AHEAD]]);
        row[start[parcel[i]]++] = (uint64_t)firm[i] << 32 | (uint64_t)i;
    }
    for (int64_t p = 0, first = 0; p < parcels; first = start[p++]) { /* start has moved on to where the next begins */
        sort_rows(row + first, start[p] - first);
        for (int64_t i = first; i < start[p]; i++) {
            if (i + HELD_AHEAD < rows) AHEAD_OF(area + (uint32_t)row[i + HELD_AHEAD]);
            double here = area[(uint32_t)row[i]];
            held_parcel[i] = (int32_t)p;
            held_firm[i] = (int32_t)(row[i] >> 32);
            unknown[i] = here != here;
            if (unknown[i]) here = 0;
            memcpy(held_area + i, &here, sizeof here);
        }
    }
}
