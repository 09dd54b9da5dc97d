/* Whether two neighbours have no ground in common, by the points that they share: what nearly all neighbours are.
 *
 * Of two rings whose edges do not meet but in points of both, and where both run along an edge with their insides on
 * either side of it, the common ground is bounded only by what of one runs inside the other. If nothing does, there is
 * none. Points are compared as they came; each sign is certain. */
typedef struct { Point p, q; int beyond; } Edge;

/* On which sides of the box a point lies: bits. */
static inline int sides_of(Point p, Box b)
{
#ifdef __SSE2__
    __m128d at = _mm_loadu_pd(&p.x);
    return _mm_movemask_pd(_mm_cmplt_pd(at, _mm_loadu_pd(&b.x0)))
        | _mm_movemask_pd(_mm_cmpgt_pd(at, _mm_loadu_pd(&b.x1))) << 2;
#else
    return (p.x < b.x0) | (p.y < b.y0) << 1 | (p.x > b.x1) << 2 | (p.y > b.y1) << 3;
#endif
}

/* Of a ring: 1 the box lies within, 0 beyond it; -1: an edge may come into the box. No edge does whose ends lie on one
 * side of it, and then a ray to the right meets those that lie there and go past it. */
static int box_within(const Point *p, int n, Box box)
{
    int in = 0, before = sides_of(p[n - 1], box), was_above = p[n - 1].y > box.y0;
    for (int i = 0; i < n; i++) {
        int here = sides_of(p[i], box), above = p[i].y > box.y0;
        if (!(before & here)) return -1;
        in ^= (before & here) >> 2 & (above ^ was_above);
        before = here;
        was_above = above;
    }
    return in & 1;
}

/* Edges of a ring that may come into the box, and whether one of their ends lies beyond it. */
static int edges_near(const Point *p, int n, Box box, Edge *edge)
{
    int count = 0, before = sides_of(p[n - 1], box);
    Point from = p[n - 1];
    for (int i = 0; i < n; i++) {
        int here = sides_of(p[i], box);
        edge[count] = (Edge){from, p[i], before | here};
        count += !(before & here);
        from = p[i];
        before = here;
    }
    return count;
}

/* Drop the edges that both run along, one this way and one that way if `turned`: neither meets more of the other. */
static void drop_shared(Edge *a, int *na, Edge *b, int *nb, int turned)
{
    for (int i = *na - 1; i >= 0; i--)
        for (int j = 0; j < *nb; j++) {
            Point r = turned ? b[j].q : b[j].p, s = turned ? b[j].p : b[j].q;
            if (a[i].p.x != r.x || a[i].q.x != s.x || !same(a[i].p, r) || !same(a[i].q, s)) continue;
            a[i] = a[--*na];
            b[j] = b[--*nb];
            break;
        }
}

/* Whether two edges have at most an end in common, or else it shows elsewhere: of two that lie along each other either
 * both ends are the same, and do not lie outside of the other ring, or one ends within the other, where the next
 * begins. */
static int meet_at_ends(const Edge *a, const Edge *b)
{
    return same(a->p, b->q) || same(a->q, b->p) || same(a->p, b->p) || same(a->q, b->q)
        || !meet(a->p, a->q, b->p, b->q);
}

/* Whether edges that do not meet a ring run outside of it: the box beyond which an end lies is around both rings. */
static int run_outside(const Edge *edge, int count, const Point *p, int n)
{
    for (int i = 0; i < count; i++)
        if (!edge[i].beyond && inside(edge[i].p, p, n) && inside(edge[i].q, p, n)) return 0;
    return 1;
}

static int is_ring(const Point *p, int n)
{
    int parts = 0;
    for (int i = 0; i < n; i++) parts |= p[i].x != p[i].x;
    return !parts;
}

/* 1: two outlines of one ring each are certainly disjoint but for their boundaries; 0: not known. */
static int disjoint(const Kept *a, Box box_a, const Kept *b, Box box_b)
{
    Edge on_a[MOST_POINTS], on_b[MOST_POINTS];
    Box box = {most_of(box_a.x0, box_b.x0), most_of(box_a.y0, box_b.y0),
               least(box_a.x1, box_b.x1), least(box_a.y1, box_b.y1)};
    int na = edges_near(a->p, a->n, box, on_a), nb = edges_near(b->p, b->n, box, on_b);
    drop_shared(on_a, &na, on_b, &nb, (a->area > 0) == (b->area > 0));
    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb; j++)
            if (!meet_at_ends(on_a + i, on_b + j)) return 0;
    return run_outside(on_a, na, b->p, b->n) && run_outside(on_b, nb, a->p, a->n);
}
