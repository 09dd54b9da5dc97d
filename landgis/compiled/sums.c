/* What buildings and firms add to the parcels that they are on, pair after pair as they come: the order of a sum decides
 * on its bits. Adding 0 leaves a sum its bits, as none is -0. What lies anywhere in memory is asked for some pairs ahead. */
enum { SUMS = 10, SUMS_AHEAD = 16 };

/* The floors of buildings, and their footprints: ten sums of a parcel side by side, and its flags. */
typedef struct {
    const double *area, *factor, *low, *high;
    const uint8_t *legal, *unlicensed, *flags;
} Floors;

API void sum_floors(double (*sums)[SUMS], uint8_t *flagged, const int64_t *building, const int64_t *parcel,
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

/* One figure of the firms: `known` grows by what lies on a parcel of each firm that has it, `blank` counts the others. */
API void sum_figure(const double *figure, const int32_t *parcel, const int32_t *firm, const double *share, int64_t rows,
                    double *known, int32_t *blank)
{
    for (int64_t row = 0; row < rows; row++) {
        if (row + SUMS_AHEAD < rows) AHEAD_OF(figure + firm[row + SUMS_AHEAD]);
        double here = figure[firm[row]];
        int unknown = here != here;
        known[parcel[row]] += unknown ? 0 : here * share[row];
        blank[parcel[row]] += unknown;
    }
}
