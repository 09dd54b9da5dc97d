/* The common area of two outlines in closed form. */
enum { MOST_CROSSINGS = 128 };

typedef struct { double at; int edge; double x, y; } Crossing;
typedef struct { double x0, y0, x1, y1; } Box;

static Box box_of(const Point *p, int n)
{
    Box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < n; i++) {
        b.x0 = least(p[i].x, b.x0); b.x1 = most_of(p[i].x, b.x1);
        b.y0 = least(p[i].y, b.y0); b.y1 = most_of(p[i].y, b.y1);
    }
    return b;
}

static inline int beside(Point p, Point q, Box b)
{
    return most_of(p.x, q.x) < b.x0 || least(p.x, q.x) > b.x1 || most_of(p.y, q.y) < b.y0 || least(p.y, q.y) > b.y1;
}

/* All places where edges cross, on either outline; -1 where some touch. */
static int crossings(const Outline *a, const Outline *b, Crossing *on_a, Crossing *on_b)
{
    Box box_a = box_of(a->p, a->start[a->rings]), box_b = box_of(b->p, b->start[b->rings]);
    int near[MOST_POINTS + MOST_RINGS], nears = 0, count = 0;
    for (int ring = 0; ring < b->rings; ring++)
        for (int j = b->start[ring]; j + 1 < b->start[ring + 1]; j++)
            if (!beside(b->p[j], b->p[j + 1], box_a)) near[nears++] = j;
    for (int ring = 0; ring < a->rings; ring++)
        for (int i = a->start[ring]; i + 1 < a->start[ring + 1]; i++) {
            Point p = a->p[i], q = a->p[i + 1];
            if (beside(p, q, box_b)) continue;
            for (int k = 0; k < nears; k++) {
                Point r = b->p[near[k]], s = b->p[near[k] + 1];
                int how = meet(p, q, r, s);
                if (!how) continue;
                if (how < 0 || count == MOST_CROSSINGS) return -1;
                double rp = turn(r, s, p), rq = turn(r, s, q), pr = turn(p, q, r), ps = turn(p, q, s);
                double t = rp / (rp - rq), u = pr / (pr - ps), x, y;
                double long_a = fabs(q.x - p.x) + fabs(q.y - p.y), long_b = fabs(s.x - r.x) + fabs(s.y - r.y);
                if (long_a < long_b) { x = p.x + t * (q.x - p.x); y = p.y + t * (q.y - p.y); }
                else { x = r.x + u * (s.x - r.x); y = r.y + u * (s.y - r.y); }
                on_a[count] = (Crossing){t, i, x, y};
                on_b[count++] = (Crossing){u, near[k], x, y};
            }
        }
    return count;
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

/* Twice the area under those pieces of a's boundary that lie within b; -1: not certain. `whole` counts its rings
 * that begin within. */
static int walk(const Outline *a, const Outline *b, const Crossing *x, int count, double *sum, int *whole)
{
    int next = 0;
    *sum = 0;
    *whole = 0;
    for (int ring = 0; ring < a->rings; ring++) {
        int begun = inside_of(a->p[a->start[ring]], b, 0, b->rings), in = begun;
        double here_sum = 0;
        if (begun < 0) return -1;
        for (int i = a->start[ring]; i + 1 < a->start[ring + 1]; i++) {
            Point from = a->p[i], to = a->p[i + 1];
            for (; next < count && x[next].edge == i; next++) {
                Point here = {x[next].x, x[next].y};
                if (in) here_sum += from.x * here.y - from.y * here.x;
                from = here;
                in = !in;
            }
            if (in) here_sum += from.x * to.y - from.y * to.x;
        }
        if (in != begun) return -1;
        *whole += begun;
        *sum += a->sign[ring] * here_sum;
    }
    return 0;
}

/* Common area of two outlines in a common local frame; 0: done, HANDED: not certain.
 *
 * Green: the boundary of the common part is the boundary of each where it runs inside the other. */
static int common(const Outline *a, double area_a, const Outline *b, double area_b, double *result)
{
    Crossing on_a[MOST_CROSSINGS], on_b[MOST_CROSSINGS];
    double sum_a, sum_b, most = least(fabs(area_a), fabs(area_b));
    int within_a, within_b, count = crossings(a, b, on_a, on_b);
    if (count < 0) return HANDED;
    sort_crossings(on_a, count);
    sort_crossings(on_b, count);
    if (walk(a, b, on_a, count, &sum_a, &within_b) || walk(b, a, on_b, count, &sum_b, &within_a)) return HANDED;
    double found = (sum_a + sum_b) / 2;
    if (!count && within_a == b->rings && !within_b) found = fabs(area_b);
    else if (!count && within_b == a->rings && !within_a) found = fabs(area_a);
    else if (!count && !within_a && !within_b) found = 0;
    *result = found < 0 ? 0 : found > most ? most : found;
    return 0;
}

static const double WAY[3][2] = {{0.8191520442889918, 0.5735764363510461}, {-0.3746065934159120, 0.9271838545667874},
                                 {-0.6156614753256583, -0.7880107536067219}};

typedef struct { const Point *p; int n; double area; double length; } Kept;

/* Common area of two outlines, and how far it can be off. Where they touch, the second is moved by `move` in three
 * directions in turn until they do not: that changes the area by no more than move x perimeter. */
static int common_moved(Kept a, Kept b, double move, int straight, double *result, double *error)
{
    Outline here_a, here_b;
    opened(a.p, a.n, a.area, b.p[0], 0, 0, &here_a);
    for (int way = straight ? -1 : 0; way < 3; way++) {
        double dx = way < 0 ? 0 : move * WAY[way][0], dy = way < 0 ? 0 : move * WAY[way][1];
        opened(b.p, b.n, b.area, b.p[0], dx, dy, &here_b);
        *error = way < 0 ? 0 : move * b.length;
        if (!common(&here_a, a.area, &here_b, b.area, result)) return 0;
    }
    return HANDED;
}
