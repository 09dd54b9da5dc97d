/* A packed tree of boxes: sixteen to a node, level by level, in floats about an origin, rounded outwards.
 *
 * A box is min x, min y, -max x, -max y, so that two touch where all four of one are no more than four of the other. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { NODE = 16, MOST_LEVELS = 16, MOST_FOUND = 4096 };

typedef struct {
    const float *box;
    int64_t rows;
    double x, y;
} Tree;

static inline float below(double v)
{
    float f = (float)v;
    return f > v ? nextafterf(f, -INFINITY) : f;
}

/* Boxes (min x, min y, max x, max y) as the leaves of a tree about (x, y). */
API void tree_leaves(const double *box, int64_t rows, double x, double y, float *leaf)
{
    for (int64_t row = 0; row < rows; row++, box += 4, leaf += 4) {
        leaf[0] = below(box[0] - x); leaf[1] = below(box[1] - y);
        leaf[2] = below(x - box[2]); leaf[3] = below(y - box[3]);
    }
}

/* Boxes of the nodes above `rows` leaves; returns how many boxes there are. */
API int64_t tree_build(float *box, int64_t rows)
{
    int64_t low = 0, high = rows;
    while (high - low > 1) {
        int64_t next = high;
        for (int64_t at = low; at < high; at += NODE, next++) {
            float *into = box + 4 * next;
            for (int side = 0; side < 4; side++) {
                into[side] = INFINITY;
                for (int64_t leaf = at; leaf < high && leaf < at + NODE; leaf++)
                    if (box[4 * leaf + side] < into[side]) into[side] = box[4 * leaf + side];  /* NaN is passed over */
            }
        }
        low = high; high = next;
    }
    return high;
}

/* What a box about the tree's origin is compared with. */
static void query_of(const double *box, double x, double y, float *query)
{
    query[0] = -below(x - box[2]); query[1] = -below(y - box[3]);
    query[2] = -below(box[0] - x); query[3] = -below(box[1] - y);
}

static inline int touching(const float *leaf, const float *query)  /* false where one is not known */
{
#ifdef __SSE2__
    return _mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(leaf), _mm_loadu_ps(query))) == 15;
#else
    return (leaf[0] <= query[0]) & (leaf[1] <= query[1]) & (leaf[2] <= query[2]) & (leaf[3] <= query[3]);
#endif
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

/* Leaves from `from` on whose box touches the query, in rising order; -1 where there are more than MOST_FOUND. */
static int64_t tree_find(const Tree *tree, const Levels *l, const float *query, int64_t from, int64_t *found)
{
    struct { int64_t node; int level; } stack[MOST_LEVELS * NODE];
    const float *box = tree->box;
    int depth = 0;
    int64_t count = 0;
    if (l->levels == 1) {
        found[0] = 0;
        return !from && touching(box, query);
    }
    stack[depth].node = 0; stack[depth++].level = l->levels - 1;
    while (depth) {
        int64_t node = stack[--depth].node;
        int level = stack[depth].level;
        int64_t first = node * NODE, last = first + NODE, end = l->start[level] - l->start[level - 1];
        const float *below_it = box + 4 * l->start[level - 1];
        if (last > end) last = end;
        if (first < from >> 4 * (level - 1)) first = from >> 4 * (level - 1);
        if (level == 1) {
            if (count + NODE > MOST_FOUND) return -1;
            for (int64_t leaf = first; leaf < last; leaf++) {
                found[count] = leaf;
                count += touching(below_it + 4 * leaf, query);
            }
        } else
            for (int64_t child = last - 1; child >= first; child--) {
                stack[depth].node = child; stack[depth].level = level - 1;
                depth += touching(below_it + 4 * child, query);
            }
    }
    return count;
}
