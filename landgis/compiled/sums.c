/* What buildings add to the parcels that they stand on: ten sums of a parcel side by side, and its flags.
 *
 * Pair after pair, as they come: the order of a sum decides on its bits. A parcel lies anywhere in memory and is asked
 * for some pairs ahead. Adding 0 leaves a sum its bits, as none is -0. */
enum { SUMS = 10, SUMS_AHEAD = 16 };

typedef struct {
    const double *area, *factor, *low, *high;
    const uint8_t *legal, *unlicensed, *flags;
} Floors;

API void sums_add(double (*sums)[SUMS], uint8_t *flagged, const int64_t *building, const int64_t *parcel,
                  const double *share, const double *footprint, int64_t pairs, const Floors *floors)
{
    for (int64_t pair = 0; pair < pairs; pair++) {
        if (pair + SUMS_AHEAD < pairs) {
            int64_t next = parcel[pair + SUMS_AHEAD];
            AHEAD_OF(sums[next]);
            AHEAD_OF(sums[next] + SUMS - 1);
            AHEAD_OF(flagged + next);
        }
        int64_t at = building[pair];
        double part = share[pair], area = floors->area[at];
        double plain = part * area, value = part * (area * floors->factor[at]);
        double low = part * (area * floors->low[at]), high = part * (area * floors->high[at]);
        int legal = floors->legal[at], unlicensed = floors->unlicensed[at];
        double *sum = sums[parcel[pair]];
        sum[0] += footprint[pair];
        sum[1] += plain;
        sum[2] += value;
        sum[3] += low;
        sum[4] += high;
        sum[5] += unlicensed ? 0 : value;
        sum[6] += legal ? low : 0;
        sum[7] += unlicensed ? 0 : high;
        sum[8] += unlicensed ? plain : 0;
        sum[9] += legal || unlicensed ? 0 : plain;
        flagged[parcel[pair]] |= floors->flags[at];
    }
}
