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

/* What may lie on which land, of some rows at a time: `hits` of each row, one behind the other. */
enum { SOME = 64 };
typedef struct { int64_t found[2 * MOST_FOUND], hits[SOME], rows; } Near;

/* Look for the rows from `row` on, and ask for what is read of the land: it lies anywhere in memory. */
static void look(const Outlines *land, const Tree *tree, const Levels *l, const Outlines *on, int64_t row,
                 int64_t last, Near *near)
{
    int64_t *end = near->found;
    for (near->rows = 0; row < last && near->rows < SOME && end <= near->found + MOST_FOUND; row++) {
        float query[4];
        int64_t hits = 0;
        query_of(on->box + 4 * row, tree->x, tree->y, query);
        if (on->state[row] != ABSENT && tree->rows) hits = tree_find(tree, l, query, 0, end);
        near->hits[near->rows++] = hits;
        if (hits < 0) break;
        for (const int64_t *at = end; at < end + hits; at++) {
            AHEAD_OF(land->begin + *at); AHEAD_OF(land->area + *at);
        }
        end += hits;
    }
    for (const int64_t *at = near->found; at < end; at++) {
        const uint8_t *points = (const uint8_t *)(land->xy[land->run[*at]] + land->begin[*at]);
        AHEAD_OF(points); AHEAD_OF(points + 64); AHEAD_OF(points + 128);
    }
}

/* The common area with the land at `at` of the outline `row` on it; below 0: none, NaN: GEOS must say. */
static double common_of(const Outlines *land, int64_t at, const Outlines *on, int64_t row, double slack,
                        double least_share)
{
    if (land->state[at] != FAST || on->state[row] != FAST) return NAN;
    Kept this = kept(on, row), under = kept(land, at);
    const double *b = on->box + 4 * row;
    double own = fabs(this.area), area, error;
    int within = box_within(under.p, under.n, (Box){b[0], b[1], b[2], b[3]});
    if (within >= 0) return within ? own : -1;
    if (common_moved(under, this, slack * own / this.length, 1, &area, &error)) return NAN;
    if (error && fabs(area - own) <= 2 * error) return own;
    if (area <= (error ? least_share / 2 : 0) * own) return -1;
    return area < 2 * least_share * own ? NAN : area;
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
    Near near;
    int64_t row = first;
    for (*pairs = 0; row < last && *pairs + 2 * MOST_FOUND <= most;) {
        look(land, tree, &l, on, row, last, &near);
        const int64_t *at = near.found;
        for (int64_t i = 0; i < near.rows; i++, row++) {
            if (near.hits[i] < 0) return -1 - row;
            for (int64_t h = 0; h < near.hits[i]; h++, at++) {
                double area = common_of(land, *at, on, row, slack, least_share);
                if (area < 0) continue;
                land_at[*pairs] = *at; on_at[*pairs] = row; shared[(*pairs)++] = area;
            }
        }
    }
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
