/* Pairs of outlines that have ground in common, found by the tree over the land. */

typedef struct {
    const Point *const *xy;
    const uint16_t *run;
    const uint32_t *begin;
    const uint16_t *points;
    const uint8_t *state;
    const double *box, *area;
    const float *perimeter;
} Outlines;

static inline Kept kept(const Outlines *o, int64_t row)
{
    return (Kept){o->xy[o->run[row]] + o->begin[row], o->points[row], o->area[row], o->perimeter[row]};
}

/* Pairs of land and what lies on it, with their common area.
 *
 * `first` is the row to begin with; returns the one to go on with when the pairs are full, and -1 - row where one meets
 * too many boxes. A pair that has no more than `least_share` of the row's own area in common is none. Pairs that GEOS
 * must do have NaN as their area; the box of a row that is HANDED must be filled in by the caller. */
API int64_t overlay(const Outlines *land, const Tree *tree, const Outlines *on, int64_t first, int64_t last,
                    double slack, double least_share, int64_t most, int64_t *land_at, int64_t *on_at, double *shared,
                    int64_t *pairs)
{
    Levels l = levels_of(tree->rows);
    int64_t found[MOST_FOUND], count = 0, row = first;
    for (; row < last; row++) {
        if (on->state[row] == ABSENT || !tree->rows) continue;
        if (count + MOST_FOUND > most) break;
        const double *b = on->box + 4 * row;
        float query[4];
        query_of(b, tree->x, tree->y, query);
        int64_t hits = tree_find(tree, &l, query, 0, found);
        if (hits < 0) { *pairs = count; return -1 - row; }
        for (int64_t h = 0; h < hits; h++) {
            int64_t at = found[h];
            double area = NAN, error = 0;
            if (land->state[at] == FAST && on->state[row] == FAST) {
                Kept this = kept(on, row), under = kept(land, at);
                double own = fabs(this.area);
                int within = box_within(under.p, under.n, (Box){b[0], b[1], b[2], b[3]});
                if (!within) continue;
                if (within > 0) area = own;
                else if (common_moved(under, this, slack * own / this.length, 1, &area, &error)) area = NAN;
                else if (error && fabs(area - own) <= 2 * error) area = own;
                else if (area <= (error ? least_share / 2 : 0) * own) continue;
                else if (area < 2 * least_share * own) area = NAN;
            }
            land_at[count] = at; on_at[count] = row; shared[count++] = area;
        }
    }
    *pairs = count;
    return row;
}

/* Pairs of land that may overlap by more than `least_m2`: all that cannot be shown to overlap by less. */
API int64_t overlaps(const Outlines *land, const Tree *tree, int64_t first, int64_t last, double least_m2, int64_t most,
                     int64_t *left_at, int64_t *right_at, int64_t *pairs)
{
    Levels l = levels_of(tree->rows);
    int64_t found[MOST_FOUND], count = 0, row = first;
    for (; row < last; row++) {
        if (land->state[row] == ABSENT) continue;
        if (count + MOST_FOUND > most) break;
        const float *here = tree->box + 4 * row, query[4] = {-here[2], -here[3], -here[0], -here[1]};
        int64_t hits = tree_find(tree, &l, query, row + 1, found);
        if (hits < 0) { *pairs = count; return -1 - row; }
        Kept this = kept(land, row);
        int plain = land->state[row] == FAST && is_ring(this.p, this.n);
        Box box = box_of(this.p, this.n);
        for (int64_t h = 0; h < hits; h++) {
            int64_t at = found[h];
            const float *there = tree->box + 4 * at;
            double wide = -most_of(here[2], there[2]) - most_of(here[0], there[0]);
            double high = -most_of(here[3], there[3]) - most_of(here[1], there[1]);
            if (wide * high <= least_m2) continue;
            if (land->state[at] == FAST && land->state[row] == FAST) {
                double area = 0, error = 0;
                Kept other = kept(land, at);
                if (plain && is_ring(other.p, other.n)
                    && disjoint(&this, box, &other, box_of(other.p, other.n))) continue;
                if (!common_moved(this, other, 1e-3 * least_m2 / other.length, 0, &area, &error)
                    && area + 2 * error < least_m2) continue;
            }
            left_at[count] = row; right_at[count++] = at;
        }
    }
    *pairs = count;
    return row;
}
