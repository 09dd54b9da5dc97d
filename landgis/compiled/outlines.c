/* WKB → outlines: points, box, area, perimeter of polygons that are certainly valid. */

static uint32_t read_u32(const uint8_t *at) { uint32_t v; memcpy(&v, at, 4); return v; }
static Point read_point(const uint8_t *at) { Point p; memcpy(&p, at, 16); return p; }

/* Where a WKB is read; `left` bytes are behind it. */
typedef struct { const uint8_t *at; int64_t left; int step; } Bytes;

/* The kind of the geometry that begins here, 3 or 6, and the bytes of a point; 0 where it is neither in x, y (and z). */
static int read_head(Bytes *b, uint32_t *count)
{
    if (b->left < 9 || b->at[0] != 1) return 0;
    uint32_t kind = read_u32(b->at + 1);
    b->step = kind == 3 || kind == 6 ? 16 : 24;
    if (kind & 0x80000000u) kind &= 0x7fffffffu;
    else if (kind > 1000) kind -= 1000;
    if (kind != 3 && kind != 6) return 0;
    *count = read_u32(b->at + 5);
    b->at += 9; b->left -= 9;
    return (int)kind;
}

/* Points of the ring that begins here, with the closing one; the bytes go on behind it. 0 where it is none. */
static int64_t read_ring(Bytes *b, const uint8_t **points)
{
    if (b->left < 4) return 0;
    int64_t count = read_u32(b->at);
    *points = b->at + 4;
    if (count < 4 || count - 1 > MOST_POINTS || b->left < 4 + b->step * count) return 0;
    if (memcmp(*points, *points + b->step * (count - 1), 16)) return 0;
    b->at += 4 + b->step * count; b->left -= 4 + b->step * count;
    return count;
}

/* The rings of a polygon of any number of parts and holes, one call each; part[r] is the part that ring r is of. */
static int rings_of(Bytes b, const uint8_t **points, int *count, int *part, int *step)
{
    uint32_t parts = 1, within;
    int rings = 0, total = 0, kind = read_head(&b, &within), deep;
    if (!kind || !within) return 0;
    deep = b.step;
    if (kind == 6) parts = within;
    for (uint32_t p = 0; p < parts; p++) {
        if (kind == 6 && (read_head(&b, &within) != 3 || b.step != deep || !within)) return 0;
        for (uint32_t r = 0; r < within; r++) {
            if (rings == MOST_RINGS) return 0;
            count[rings] = (int)read_ring(&b, points + rings);
            if (!count[rings]) return 0;
            total += count[rings];
            part[rings++] = (int)p;
            if (total - 1 > MOST_POINTS) return 0;
        }
    }
    *step = deep;
    return b.left ? 0 : rings;
}

/* State of each WKB, how many points are kept of it, and its first point (0 and NaN where it is handed on). `deep` where
 * it has a third dimension, which is dropped. */
API void wkb_sizes(const uint8_t *data, const int64_t *offset, const uint8_t *valid, int64_t rows, uint8_t *state,
                   uint8_t *deep, uint16_t *points, double *first)
{
    const uint8_t *ring[MOST_RINGS];
    int count[MOST_RINGS], part[MOST_RINGS], step;
    for (int64_t row = 0; row < rows; row++) {
        const uint8_t *wkb = data + offset[row];
        int64_t size = offset[row + 1] - offset[row];
        points[row] = 0;
        first[2 * row] = first[2 * row + 1] = NAN;
        deep[row] = 0;
        state[row] = HANDED;
        if (valid && !valid[row]) { state[row] = ABSENT; continue; }
        int rings = rings_of((Bytes){wkb, size, 0}, ring, count, part, &step);
        if (!rings) continue;
        state[row] = FAST;
        deep[row] = step == 24;
        int total = -1;
        for (int r = 0; r < rings; r++) total += count[r];
        points[row] = (uint16_t)total;
        memcpy(first + 2 * row, ring[0], 16);
    }
}

static int finite_bytes(const uint8_t *at, int64_t numbers)
{
    const uint64_t exponent = 0x7ff0000000000000u;
    int most = 0;
    for (int64_t i = 0; i < numbers; i++) {
        uint64_t bits;
        memcpy(&bits, at + 8 * i, 8);
        most |= (bits & exponent) == exponent;
    }
    return !most;
}

/* Whether each WKB is a polygon of one closed ring of finite points in x and y, with no other byte. */
API void single_rings(const uint8_t *data, const int64_t *offset, int64_t rows, uint8_t *single)
{
    static const uint8_t head[9] = {1, 3, 0, 0, 0, 1};
    for (int64_t row = 0; row < rows; row++) {
        const uint8_t *wkb = data + offset[row], *points = wkb + 13;
        int64_t size = offset[row + 1] - offset[row] - 13;
        single[row] = size >= 64 && size % 16 == 0 && !memcmp(wkb, head, 9) && read_u32(wkb + 9) == size / 16
            && !memcmp(points, points + size - 16, 16) && finite_bytes(points, size / 8);
    }
}

static int simple(const Point *p, int n)  /* n edges, p[n] is p[0] */
{
    for (int i = 0; i < n; i++) {
        Point a = p[i], b = p[i + 1], c = i + 2 <= n ? p[i + 2] : p[1];
        if (!side(a, b, c) && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) <= 0) return 0;
    }
    for (int i = 0; i + 2 < n; i++)
        for (int j = i + 2; j < n - (i == 0); j++)
            if (meet(p[i], p[i + 1], p[j], p[j + 1])) return 0;
    return 1;
}

static int rings_meet(const Outline *o, int one, int other)
{
    for (int i = o->start[one]; i + 1 < o->start[one + 1]; i++)
        for (int j = o->start[other]; j + 1 < o->start[other + 1]; j++)
            if (meet(o->p[i], o->p[i + 1], o->p[j], o->p[j + 1])) return 1;
    return 0;
}

/* Whether rings that are simple, and no two of which meet, are shells and holes as they should be: each hole within
 * its shell and within no other hole, no shell within another part. */
static int nested(const Outline *o, const int *part)
{
    for (int r = 0; r < o->rings; r++) {
        int shell = !r || part[r] != part[r - 1];
        for (int first = 0, last; first < o->rings; first = last) {
            for (last = first + 1; last < o->rings && part[last] == part[first];) last++;
            if (part[first] != part[r]) {
                if (shell && inside_of(o->p[o->start[r]], o, first, last)) return 0;
                continue;
            }
            for (int other = first; other < last && !shell; other++)
                if (other != r && inside_ring(o->p[o->start[r]], o, other) != (other == first)) return 0;
        }
    }
    return 1;
}

/* One outline of the WKB at `wkb`: FAST, or HANDED where it is not valid, too thin, or out of range.
 * box: min x, min y, max x, max y (NaN where handed on); area is above 0 where the first ring runs anticlockwise. */
static int measure(const uint8_t *wkb, int64_t size, double thin, Point *kept, double *box, double *area,
                   float *perimeter)
{
    const uint8_t *ring[MOST_RINGS];
    Point *before[MOST_RINGS];
    int count[MOST_RINGS], part[MOST_RINGS], step, n = 0, finite = 1;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY, length = 0, sum = 0;
    Outline o;
    o.rings = rings_of((Bytes){wkb, size, 0}, ring, count, part, &step);
    for (int r = 0; r < o.rings; r++) {
        if (r) before[r] = kept++;
        o.start[r] = n;
        for (int i = 0; i < count[r]; i++) {
            Point p = read_point(ring[r] + (int64_t)step * i);
            if (i + 1 < count[r]) *kept++ = p;
            if (i && same(p, o.p[n - 1])) continue;
            o.p[n++] = p;
            finite &= fabs(p.x) < MOST_SIZE && fabs(p.y) < MOST_SIZE;  /* false for NaN too */
            x0 = least(p.x, x0); x1 = most_of(p.x, x1);
            y0 = least(p.y, y0); y1 = most_of(p.y, y1);
        }
        if (n - o.start[r] < 4) return HANDED;
    }
    o.start[o.rings] = n;
    if (!finite || !(x1 - x0 >= LEAST_SIZE && y1 - y0 >= LEAST_SIZE)) return HANDED;
    for (int r = 0; r < o.rings; r++) {
        const Point *p = o.p + o.start[r];
        int shell = !r || part[r] != part[r - 1], edges = o.start[r + 1] - o.start[r] - 1;
        double twice = 0;
        for (int i = 0; i < edges; i++) {
            double ux = p[i].x - p[0].x, uy = p[i].y - p[0].y, vx = p[i + 1].x - p[0].x, vy = p[i + 1].y - p[0].y;
            twice += ux * vy - uy * vx;
            length += sqrt((vx - ux) * (vx - ux) + (vy - uy) * (vy - uy));
        }
        o.sign[r] = (twice > 0) == shell ? 1 : -1;
        sum += shell ? fabs(twice) : -fabs(twice);
        if (r) *before[r] = (Point){NAN, o.sign[r] * (shell ? 2 : 1)};
    }
    if (!(sum > 0) || sum < 1.000001 * thin * length) return HANDED;
    for (int r = 0; r < o.rings; r++) {
        if (!simple(o.p + o.start[r], o.start[r + 1] - o.start[r] - 1)) return HANDED;
        for (int other = 0; other < r; other++)
            if (rings_meet(&o, r, other)) return HANDED;
    }
    if (o.rings > 1 && !nested(&o, part)) return HANDED;
    box[0] = x0; box[1] = y0; box[2] = x1; box[3] = y1;
    *area = o.sign[0] * sum / 2;
    *perimeter = (float)length;
    return FAST;
}

/* Outlines of the FAST rows from `first` to `last`, in `order`: state, begin and all results are in that order. */
API void outlines(const uint8_t *data, const int64_t *offset, const int64_t *order, int64_t first, int64_t last,
                  const uint32_t *begin, double thin, uint8_t *state, double *xy, double *box, double *area,
                  float *perimeter)
{
    for (int64_t row = first; row < last; row++) {
        double *b = box + 4 * row;
        if (row + AHEAD < last) {  /* rows lie anywhere in the file: ask for their bytes in time */
            const uint8_t *soon = data + offset[order[row + AHEAD]];
            AHEAD_OF(soon); AHEAD_OF(soon + 64); AHEAD_OF(soon + 128);
            if (row + 2 * AHEAD < last) AHEAD_OF(offset + order[row + 2 * AHEAD]);
        }
        b[0] = b[1] = b[2] = b[3] = area[row] = NAN;
        perimeter[row] = NAN;
        if (state[row] == FAST) {
            int64_t at = offset[order[row]];
            state[row] = (uint8_t)measure(data + at, offset[order[row] + 1] - at, thin, (Point *)xy + begin[row], b,
                                          area + row, perimeter + row);
        }
    }
}
