/* A packed tree of boxes: sixteen to a node, level by level, in floats about an origin, rounded outwards. */
enum { NODE = 16, MOST_LEVELS = 16, MOST_FOUND = 4096 };

typedef struct {
    const float *box;
    int64_t rows;
    double x, y;
} Tree;

static float below(double v) { float f = nextafterf((float)v, -INFINITY); return nextafterf(f, -INFINITY); }
static float above(double v) { float f = nextafterf((float)v, INFINITY); return nextafterf(f, INFINITY); }

/* Boxes as the leaves of a tree have them: a step wider than rounding makes them. */
API void tree_leaves(const double *box, int64_t rows, double x, double y, float *leaf)
{
    for (int64_t row = 0; row < rows; row++, box += 4, leaf += 4) {
        leaf[0] = below(box[0] - x); leaf[1] = below(box[1] - y);
        leaf[2] = above(box[2] - x); leaf[3] = above(box[3] - y);
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
            into[0] = into[1] = INFINITY; into[2] = into[3] = -INFINITY;
            for (int64_t leaf = at; leaf < high && leaf < at + NODE; leaf++) {
                const float *b = box + 4 * leaf;
                into[0] = b[0] < into[0] ? b[0] : into[0]; into[1] = b[1] < into[1] ? b[1] : into[1];  /* NaN is passed over */
                into[2] = b[2] > into[2] ? b[2] : into[2]; into[3] = b[3] > into[3] ? b[3] : into[3];
            }
        }
        low = high; high = next;
    }
    return high;
}

static inline int touching(const float *a, const double *b)  /* false where one is not known */
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

/* Leaves whose box touches `query` (about the tree's origin), in rising order; -1 where there are more than MOST_FOUND. */
static int64_t tree_find(const Tree *tree, const Levels *l, const double *query, int64_t *found)
{
    struct { int64_t node; int level; } stack[MOST_LEVELS * NODE];
    const float *box = tree->box;
    int depth = 0;
    int64_t count = 0;
    stack[depth].node = 0; stack[depth++].level = l->levels - 1;
    while (depth) {
        int64_t node = stack[--depth].node;
        int level = stack[depth].level;
        if (!touching(box + 4 * (l->start[level] + node), query)) continue;
        if (!level) {
            if (count == MOST_FOUND) return -1;
            found[count++] = node;
            continue;
        }
        int64_t first = node * NODE, last = first + NODE, end = l->start[level] - l->start[level - 1];
        if (last > end) last = end;
        if (level == 1) {
            for (int64_t leaf = first; leaf < last; leaf++)
                if (touching(box + 4 * leaf, query)) {
                    if (count == MOST_FOUND) return -1;
                    found[count++] = leaf;
                }
        } else
            for (int64_t child = last - 1; child >= first; child--) {
                stack[depth].node = child; stack[depth++].level = level - 1;
            }
    }
    return count;
}
