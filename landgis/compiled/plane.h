/* Points, signs that are certain, and how outlines of several rings lie in memory. */
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
enum { MOST_POINTS = 512, MOST_RINGS = 128, AHEAD = 12 };

static const double CERTAIN = 3.3306690738754716e-16;          /* (3 + 16 eps) eps: Shewchuk 1997, ccwerrboundA */
static const double LEAST_SIZE = 1e-30, MOST_SIZE = 1e30;      /* products of four stay clear of under- and overflow */

typedef struct { double x, y; } Point;

/* An outline as it is worked with: rings closed, one behind the other; ring r is p[start[r]] … p[start[r + 1] - 1].
 *
 * As it is kept, without closing points but with those that are repeated, rings are parted by a point whose x is NaN and whose y tells of the ring behind
 * it: 1 or -1 a hole, 2 or -2 a shell, above 0 if it runs as it should (shells anticlockwise, holes clockwise). */
typedef struct {
    Point p[MOST_POINTS + MOST_RINGS];
    int start[MOST_RINGS + 1], rings;
    double sign[MOST_RINGS];
} Outline;

/* One instruction each, unlike fmin and fmax; where the first is NaN, the second */
static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most_of(double a, double b) { return a > b ? a : b; }

static inline int same(Point a, Point b) { return a.x == b.x && a.y == b.y; }

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

/* Of a ring of n points: 1 inside, 0 outside, -1 on the boundary or not certain */
static int inside(Point q, const Point *p, int n)
{
    int in = 0;
    Point a = p[n - 1];
    for (int i = 0; i < n; i++) {
        Point b = p[i];
        if ((b.y > q.y) == (a.y > q.y)) {
            if (b.y == q.y && a.y == q.y && least(b.x, a.x) <= q.x && q.x <= most_of(b.x, a.x)) return -1;
        } else {
            int s = side(a, b, q);
            if (!s) return -1;
            in ^= (s > 0) == (b.y > a.y);
        }
        a = b;
    }
    return in;
}

/* The same of a ring of an outline. */
static inline int inside_ring(Point q, const Outline *o, int ring)
{
    return inside(q, o->p + o->start[ring], o->start[ring + 1] - o->start[ring] - 1);
}

/* Of all rings from `first` to `last`, by their parity. */
static int inside_of(Point q, const Outline *o, int first, int last)
{
    int in = 0;
    for (int ring = first; ring < last; ring++) {
        int one = inside_ring(q, o, ring);
        if (one < 0) return -1;
        in ^= one;
    }
    return in;
}

/* n kept points, moved by (dx, dy) after `origin` was taken off, as an outline to work with. A point that is repeated makes
 * an edge without length, which meets nothing but what it lies on. */
static inline void opened(const Point *from, int n, double area, Point origin, double dx, double dy, Outline *o)
{
    int at = 0;
    o->rings = 1;
    o->start[0] = 0;
    o->sign[0] = area > 0 ? 1 : -1;
    for (int i = 0; i < n; i++) {
        if (from[i].x != from[i].x) {
            o->p[at++] = o->p[o->start[o->rings - 1]];
            o->sign[o->rings] = from[i].y > 0 ? 1 : -1;
            o->start[o->rings++] = at;
        } else
            o->p[at++] = (Point){from[i].x - origin.x + dx, from[i].y - origin.y + dy};
    }
    o->p[at++] = o->p[o->start[o->rings - 1]];
    o->start[o->rings] = at;
}
