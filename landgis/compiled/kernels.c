/* Polygons of one ring, straight from WKB: outline, area, simplicity, a packed tree of boxes, common areas.
 *
 * Whatever is not plainly a simple ring, or cannot be decided with certainty in doubles, is HANDED on: the caller gives
 * it to GEOS. Signs of orientations are certain (Shewchuk's static filter); build with -ffp-contract=off, never with
 * -ffast-math. No Python and no allocation: plain arrays in, plain arrays out, any number of threads.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif
#ifdef _MSC_VER
#define AHEAD_OF(address)
#else
#define AHEAD_OF(address) __builtin_prefetch(address)
#endif

enum { FAST = 0, HANDED = 1, ABSENT = 2 };
enum { AHEAD = 12, NODE = 16, MOST_POINTS = 512, MOST_CROSSINGS = 128, MOST_LEVELS = 16 };

static const double CERTAIN = 3.3306690738754716e-16;          /* (3 + 16 eps) eps: Shewchuk 1997, ccwerrboundA */
static const double LEAST_SIZE = 1e-60, MOST_SIZE = 1e60;      /* products of four stay clear of under- and overflow */

typedef struct { double x, y; } Point;
typedef struct { double at; int edge; double x, y; } Crossing;

/* One instruction each, unlike fmin and fmax; where the first is NaN, the second */
static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most_of(double a, double b) { return a > b ? a : b; }

/* 1, -1: certain; 0: on the line, or not certain */
static inline int side(Point a, Point b, Point c)
{
    double left = (a.x - c.x) * (b.y - c.y), right = (a.y - c.y) * (b.x - c.x);
    double det = left - right, bound = CERTAIN * (fabs(left) + fabs(right));
    return det > bound ? 1 : det < -bound ? -1 : 0;
}

static inline double turn(Point a, Point b, Point c)
{
    return (a.x - c.x) * (b.y - c.y) - (a.y - c.y) * (b.x - c.x);
}

static inline int apart(Point a, Point b, Point c, Point d)
{
    return most_of(a.x, b.x) < least(c.x, d.x) || most_of(c.x, d.x) < least(a.x, b.x)
        || most_of(a.y, b.y) < least(c.y, d.y) || most_of(c.y, d.y) < least(a.y, b.y);
}

/* 0: no common point; 1: they cross, each within the other; -1: they touch, or it is not certain */
static int meet(Point a, Point b, Point c, Point d)
{
    if (apart(a, b, c, d)) return 0;
    int first = side(a, b, c), second = side(a, b, d);
    if (first && first == second) return 0;
    int third = side(c, d, a), fourth = side(c, d, b);
    if (third && third == fourth) return 0;
    return first && second && third && fourth ? 1 : -1;
}

static uint32_t read_u32(const uint8_t *at) { uint32_t v; memcpy(&v, at, 4); return v; }
static Point read_point(const uint8_t *at) { Point p; memcpy(&p, at, 16); return p; }

/* State of each WKB, the number of its points without the closing one, and its first point (0 and NaN where it is
 * handed on). */
API int64_t wkb_sizes(const uint8_t *data, const int64_t *offset, const uint8_t *valid, int64_t rows,
                      uint8_t *state, int64_t *points, double *first)
{
    int64_t total = 0;
    for (int64_t row = 0; row < rows; row++) {
        const uint8_t *wkb = data + offset[row];
        int64_t size = offset[row + 1] - offset[row];
        points[row] = 0;
        first[2 * row] = first[2 * row + 1] = NAN;
        state[row] = HANDED;
        if (valid && !valid[row]) { state[row] = ABSENT; continue; }
        if (size < 13 || wkb[0] != 1 || read_u32(wkb + 1) != 3 || read_u32(wkb + 5) != 1) continue;
        int64_t count = read_u32(wkb + 9);
        if (count < 4 || count - 1 > MOST_POINTS || size != 13 + 16 * count) continue;
        if (memcmp(wkb + 13, wkb + 13 + 16 * (count - 1), 16)) continue;
        state[row] = FAST;
        points[row] = count - 1;
        memcpy(first + 2 * row, wkb + 13, 16);
        total += count - 1;
    }
    return total;
}

static int simple(const Point *p, int n)
{
    for (int i = 0; i < n; i++) {
        Point a = p[i], b = p[(i + 1) % n], c = p[(i + 2) % n];
        if (a.x == b.x && a.y == b.y) return 0;
        if (!side(a, b, c) && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) <= 0) return 0;
    }
    for (int i = 0; i + 2 < n; i++)
        for (int j = i + 2; j < n - (i == 0); j++)
            if (meet(p[i], p[i + 1], p[j], p[(j + 1) % n])) return 0;
    return 1;
}

/* Outline of one ring of n points at `at`: FAST, or HANDED where it is not simple, too thin, or out of range.
 * box: min x, min y, max x, max y (NaN where handed on); area is signed: above 0 runs anticlockwise. */
static int measure(const uint8_t *at, int n, double thin, Point *p, double *b, double *area, double *perimeter)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY, sum = 0, length = 0;
    int finite = 1;
    for (int i = 0; i < n; i++) {
        p[i] = read_point(at + 16 * i);
        finite &= fabs(p[i].x) < MOST_SIZE && fabs(p[i].y) < MOST_SIZE;  /* false for NaN too */
        x0 = least(p[i].x, x0); x1 = most_of(p[i].x, x1);
        y0 = least(p[i].y, y0); y1 = most_of(p[i].y, y1);
    }
    if (!finite || x1 - x0 < LEAST_SIZE || y1 - y0 < LEAST_SIZE) return HANDED;
    for (int i = 0; i < n; i++) {
        Point u = p[i], v = p[i + 1 < n ? i + 1 : 0];
        double ux = u.x - p[0].x, uy = u.y - p[0].y, vx = v.x - p[0].x, vy = v.y - p[0].y;
        sum += ux * vy - uy * vx;
        length += sqrt((v.x - u.x) * (v.x - u.x) + (v.y - u.y) * (v.y - u.y));
    }
    if (fabs(sum) < 1.000001 * thin * length || !simple(p, n)) return HANDED;
    b[0] = x0; b[1] = y0; b[2] = x1; b[3] = y1;
    *area = sum / 2;
    *perimeter = length;
    return FAST;
}

/* Outlines of the FAST rows from `first` to `last`, in `order` if there is one. State, start and all results are in the
 * order asked for; offset says where the points of a row are, `skip` bytes behind it. */
API void rings(const uint8_t *data, const int64_t *offset, int64_t skip, const int64_t *order, int64_t first,
               int64_t last, const int64_t *start, double thin, uint8_t *state, double *xy, double *box, double *area,
               double *perimeter)
{
    for (int64_t row = first; row < last; row++) {
        double *b = box + 4 * row;
        if (order && row + AHEAD < last) {  /* rows lie anywhere in the file: ask for their bytes in time */
            const uint8_t *soon = data + offset[order[row + AHEAD]] + skip;
            AHEAD_OF(soon); AHEAD_OF(soon + 64); AHEAD_OF(soon + 128);
            if (row + 2 * AHEAD < last) AHEAD_OF(offset + order[row + 2 * AHEAD]);
        }
        b[0] = b[1] = b[2] = b[3] = area[row] = perimeter[row] = NAN;
        if (state[row] == FAST)
            state[row] = (uint8_t)measure(data + offset[order ? order[row] : row] + skip, (int)(start[row + 1] - start[row]),
                                          thin, (Point *)(xy + 2 * start[row]), b, area + row, perimeter + row);
    }
}

static uint32_t hilbert(uint32_t x, uint32_t y)  /* 16 bits each; the curve of d3-hilbert / Skilling */
{
    uint32_t key = 0;
    for (uint32_t s = 32768; s; s >>= 1) {
        uint32_t rx = (x & s) > 0, ry = (y & s) > 0;
        key += s * s * ((3 * rx) ^ ry);
        if (!ry) {
            if (rx) { x = 65535 - x; y = 65535 - y; }
            uint32_t t = x; x = y; y = t;
        }
    }
    return key;
}

/* Where the middle of each box lies on a Hilbert curve over `whole`; boxes that are not known come last. */
API void hilbert_keys(const double *box, int64_t rows, const double *whole, uint32_t *key)
{
    double wide = most_of(whole[2] - whole[0], 1e-300), high = most_of(whole[3] - whole[1], 1e-300);
    for (int64_t row = 0; row < rows; row++) {
        const double *b = box + 4 * row;
        double x = ((b[0] - whole[0]) / 2 + (b[2] - whole[0]) / 2) / wide;
        double y = ((b[1] - whole[1]) / 2 + (b[3] - whole[1]) / 2) / high;
        int known = x >= 0 && x <= 1 && y >= 0 && y <= 1;
        key[row] = known ? hilbert((uint32_t)(x * 65535), (uint32_t)(y * 65535)) : UINT32_MAX;
    }
}

/* Positions in the order of their keys, equal keys as they came: a radix sort of 11 bits a pass; `spare` as long. */
API void order_by_key(const uint32_t *key, int64_t rows, int64_t *order, int64_t *spare)
{
    int64_t *from = spare, *to = order;
    for (int64_t i = 0; i < rows; i++) from[i] = i;
    for (int shift = 0; shift < 33; shift += 11) {
        int64_t count[2049] = {0};
        for (int64_t i = 0; i < rows; i++) count[((key[from[i]] >> shift) & 2047) + 1]++;
        for (int i = 0; i < 2048; i++) count[i + 1] += count[i];
        for (int64_t i = 0; i < rows; i++) to[count[(key[from[i]] >> shift) & 2047]++] = from[i];
        int64_t *swap = from; from = to; to = swap;
    }
    /* three passes: the last one wrote into `order` */
}

/* Boxes of the nodes above `rows` leaves, sixteen to a node, level by level; returns how many boxes there are. */
API int64_t tree_build(double *box, int64_t rows)
{
    int64_t low = 0, high = rows;
    while (high - low > 1) {
        int64_t next = high;
        for (int64_t at = low; at < high; at += NODE, next++) {
            double *into = box + 4 * next;
            into[0] = into[1] = INFINITY; into[2] = into[3] = -INFINITY;
            for (int64_t leaf = at; leaf < high && leaf < at + NODE; leaf++) {
                const double *b = box + 4 * leaf;
                into[0] = least(b[0], into[0]); into[1] = least(b[1], into[1]);  /* NaN is passed over */
                into[2] = most_of(b[2], into[2]); into[3] = most_of(b[3], into[3]);
            }
        }
        low = high; high = next;
    }
    return high;
}

static inline int touching(const double *a, const double *b)  /* false where one is not known */
{
    return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

typedef struct { int64_t start[MOST_LEVELS + 1]; int levels; } Levels;

static Levels levels_of(int64_t rows)
{
    Levels l = {{0}, 0};
    int64_t count = rows, at = 0;
    for (;;) {
        l.start[l.levels++] = at;
        at += count;
        if (count <= 1) break;
        count = (count + NODE - 1) / NODE;
    }
    l.start[l.levels] = at;
    return l;
}

/* Leaves whose box touches `query`, in rising order; `most` of them at the most, -1 where there are more. */
static int64_t tree_find(const double *box, const Levels *l, const double *query, int64_t *found, int64_t most)
{
    struct { int64_t node; int level; } stack[MOST_LEVELS * NODE];
    int depth = 0;
    int64_t count = 0;
    stack[depth].node = 0; stack[depth++].level = l->levels - 1;
    while (depth) {
        int64_t node = stack[--depth].node;
        int level = stack[depth].level;
        if (!touching(box + 4 * (l->start[level] + node), query)) continue;
        if (!level) {
            if (count == most) return -1;
            found[count++] = node;
            continue;
        }
        int64_t first = node * NODE, last = first + NODE, end = l->start[level] - l->start[level - 1];
        if (last > end) last = end;
        if (level == 1) {
            for (int64_t leaf = first; leaf < last; leaf++)
                if (touching(box + 4 * leaf, query)) {
                    if (count == most) return -1;
                    found[count++] = leaf;
                }
        } else
            for (int64_t child = last - 1; child >= first; child--) {
                stack[depth].node = child; stack[depth++].level = level - 1;
            }
    }
    return count;
}

/* 1 inside, 0 outside, -1 on the boundary or not certain */
static int inside(Point q, const Point *p, int n)
{
    int in = 0;
    for (int i = 0, j = n - 1; i < n; j = i++) {
        if (p[i].y > q.y == p[j].y > q.y) {
            if (p[i].y == q.y && p[j].y == q.y && least(p[i].x, p[j].x) <= q.x && q.x <= most_of(p[i].x, p[j].x)) return -1;
            continue;
        }
        int s = side(p[j], p[i], q);
        if (!s) return -1;
        in ^= (s > 0) == (p[i].y > p[j].y);
    }
    return in;
}

static double walk(const Point *p, int n, int in, Crossing *x, int count, int *left)
{
    double sum = 0;
    int next = 0;
    for (int i = 0; i < n; i++) {
        Point from = p[i], to = p[i + 1 < n ? i + 1 : 0];
        for (; next < count && x[next].edge == i; next++) {
            Point here = {x[next].x, x[next].y};
            if (in) sum += from.x * here.y - from.y * here.x;
            from = here;
            in = !in;
        }
        if (in) sum += from.x * to.y - from.y * to.x;
    }
    *left = in;
    return sum;
}

static void sort_crossings(Crossing *x, int count)
{
    for (int i = 1; i < count; i++) {
        Crossing one = x[i];
        int j = i;
        for (; j > 0 && (x[j - 1].edge > one.edge || (x[j - 1].edge == one.edge && x[j - 1].at > one.at)); j--)
            x[j] = x[j - 1];
        x[j] = one;
    }
}

/* Common area of two simple rings in a common local frame (areas are signed); 0: done, HANDED: not certain.
 *
 * Green: the boundary of the common part is the boundary of each ring where it runs inside the other. */
static int common(const Point *a, int m, double area_a, const Point *b, int n, double area_b, double *result)
{
    Crossing on_a[MOST_CROSSINGS], on_b[MOST_CROSSINGS];
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    int count = 0;
    for (int j = 0; j < n; j++) {
        x0 = least(b[j].x, x0); x1 = most_of(b[j].x, x1);
        y0 = least(b[j].y, y0); y1 = most_of(b[j].y, y1);
    }
    double ax0 = INFINITY, ay0 = INFINITY, ax1 = -INFINITY, ay1 = -INFINITY;
    for (int i = 0; i < m; i++) {
        ax0 = least(a[i].x, ax0); ax1 = most_of(a[i].x, ax1);
        ay0 = least(a[i].y, ay0); ay1 = most_of(a[i].y, ay1);
    }
    int close[MOST_POINTS], closes = 0;
    for (int j = 0; j < n; j++) {
        Point r = b[j], s = b[j + 1 < n ? j + 1 : 0];
        if (most_of(r.x, s.x) < ax0 || least(r.x, s.x) > ax1 || most_of(r.y, s.y) < ay0 || least(r.y, s.y) > ay1) continue;
        close[closes++] = j;
    }
    for (int i = 0; i < m; i++) {
        Point p = a[i], q = a[i + 1 < m ? i + 1 : 0];
        if (most_of(p.x, q.x) < x0 || least(p.x, q.x) > x1 || most_of(p.y, q.y) < y0 || least(p.y, q.y) > y1) continue;
        for (int k = 0; k < closes; k++) {
            int j = close[k];
            Point r = b[j], s = b[j + 1 < n ? j + 1 : 0];
            int how = meet(p, q, r, s);
            if (!how) continue;
            if (how < 0 || count == MOST_CROSSINGS) return HANDED;
            double rp = turn(r, s, p), rq = turn(r, s, q), pr = turn(p, q, r), ps = turn(p, q, s);
            double t = rp / (rp - rq), u = pr / (pr - ps), x, y;
            double long_a = fabs(q.x - p.x) + fabs(q.y - p.y), long_b = fabs(s.x - r.x) + fabs(s.y - r.y);
            if (long_a < long_b) { x = p.x + t * (q.x - p.x); y = p.y + t * (q.y - p.y); }
            else { x = r.x + u * (s.x - r.x); y = r.y + u * (s.y - r.y); }
            on_a[count] = (Crossing){t, i, x, y};
            on_b[count++] = (Crossing){u, j, x, y};
        }
    }
    int a_in_b = inside(a[0], b, n), b_in_a = inside(b[0], a, m);
    if (a_in_b < 0 || b_in_a < 0) return HANDED;
    if (!count) {
        *result = b_in_a ? fabs(area_b) : a_in_b ? fabs(area_a) : 0;
        return 0;
    }
    sort_crossings(on_a, count);
    sort_crossings(on_b, count);
    int end_a, end_b;
    double sum_a = walk(a, m, a_in_b, on_a, count, &end_a), sum_b = walk(b, n, b_in_a, on_b, count, &end_b);
    if (end_a != a_in_b || end_b != b_in_a) return HANDED;
    double found = ((area_a > 0 ? sum_a : -sum_a) + (area_b > 0 ? sum_b : -sum_b)) / 2;
    double most = least(fabs(area_a), fabs(area_b));
    *result = found < 0 ? 0 : found > most ? most : found;
    return 0;
}

static const double WAY[3][2] = {{0.8191520442889918, 0.5735764363510461}, {-0.3746065934159120, 0.9271838545667874},
                                 {-0.6156614753256583, -0.7880107536067219}};

/* Common area of two rings, and how far it can be off. Where they touch, the second is moved by `move` in three
 * directions in turn until they do not: that changes the area by no more than move x perimeter. */
static int common_moved(const Point *a, int m, double area_a, const Point *b, int n, double area_b, double length_b,
                        double move, int straight, double *result, double *error)
{
    Point here_a[MOST_POINTS], here_b[MOST_POINTS];
    Point origin = b[0];
    for (int i = 0; i < m; i++) here_a[i] = (Point){a[i].x - origin.x, a[i].y - origin.y};
    for (int way = straight ? -1 : 0; way < 3; way++) {
        double dx = way < 0 ? 0 : move * WAY[way][0], dy = way < 0 ? 0 : move * WAY[way][1];
        for (int j = 0; j < n; j++) here_b[j] = (Point){b[j].x - origin.x + dx, b[j].y - origin.y + dy};
        *error = way < 0 ? 0 : move * length_b;
        if (!common(here_a, m, area_a, here_b, n, area_b, result)) return 0;
    }
    return HANDED;
}

typedef struct {
    const double *xy;
    const int64_t *start;
    const uint8_t *state;
    const double *box, *area, *perimeter;
} Rings;

API int common_area(const double *a, int m, double area_a, const double *b, int n, double area_b, double length_b,
                    double move, int straight, double *result, double *error)
{
    return common_moved((const Point *)a, m, area_a, (const Point *)b, n, area_b, length_b, move, straight, result, error);
}

/* Pairs of a land ring and a ring on it: found by the tree over the land, with their common area.
 *
 * `first` is the ring to begin with; returns the one to go on with when the pairs are full. A pair that has no more than
 * `least_share` of the ring's own area in common is none. Pairs that GEOS must do have NaN as their area; a box of a ring
 * that is HANDED must be filled in by the caller. */
API int64_t overlay(const Rings *land, const double *tree, int64_t lands, const Rings *on, int64_t first, int64_t last,
                    double slack, double least_share, int64_t most, int64_t *land_at, int64_t *on_at, double *shared,
                    int64_t *pairs)
{
    Levels l = levels_of(lands);
    int64_t found[4096], count = 0, row = first;
    for (; row < last; row++) {
        if (on->state[row] == ABSENT || !lands) continue;
        if (count + 4096 > most) break;
        int64_t hits = tree_find(tree, &l, on->box + 4 * row, found, 4096);
        if (hits < 0) { *pairs = count; return -1 - row; }
        for (int64_t h = 0; h < hits; h++) {
            int64_t at = found[h];
            double area = NAN, error = 0;
            if (land->state[at] == FAST && on->state[row] == FAST) {
                double own = fabs(on->area[row]), length = on->perimeter[row];
                int handed = common_moved(
                    (const Point *)land->xy + land->start[at], (int)(land->start[at + 1] - land->start[at]), land->area[at],
                    (const Point *)on->xy + on->start[row], (int)(on->start[row + 1] - on->start[row]), on->area[row], length,
                    slack * own / length, 1, &area, &error);
                if (handed) area = NAN;
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

/* Pairs of land rings that may overlap by more than `least_m2`: all that cannot be shown to overlap by less. */
API int64_t overlaps(const Rings *land, const double *tree, int64_t lands, int64_t first, int64_t last, double least_m2,
                     int64_t most, int64_t *left_at, int64_t *right_at, int64_t *pairs)
{
    Levels l = levels_of(lands);
    int64_t found[4096], count = 0, row = first;
    for (; row < last; row++) {
        if (land->state[row] == ABSENT) continue;
        if (count + 4096 > most) break;
        const double *here = land->box + 4 * row;
        int64_t hits = tree_find(tree, &l, here, found, 4096);
        if (hits < 0) { *pairs = count; return -1 - row; }
        for (int64_t h = 0; h < hits; h++) {
            int64_t at = found[h];
            if (at <= row) continue;
            const double *there = land->box + 4 * at;
            double wide = least(here[2], there[2]) - most_of(here[0], there[0]);
            double high = least(here[3], there[3]) - most_of(here[1], there[1]);
            if (wide * high <= least_m2) continue;
            if (land->state[at] == FAST && land->state[row] == FAST) {
                double area = 0, error = 0, length = land->perimeter[at];
                if (!common_moved((const Point *)land->xy + land->start[row], (int)(land->start[row + 1] - land->start[row]),
                                  land->area[row], (const Point *)land->xy + land->start[at],
                                  (int)(land->start[at + 1] - land->start[at]), land->area[at], length,
                                  1e-3 * least_m2 / length, 0, &area, &error)
                    && area + 2 * error < least_m2) continue;
            }
            left_at[count] = row; right_at[count++] = at;
        }
    }
    *pairs = count;
    return row;
}
