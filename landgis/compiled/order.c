/* Where a point lies on a Hilbert curve over the whole plane: 2^28 cells of half a metre each way, about the origin.
 *
 * Four bits of x and y at a time; a state says whether the curve is flipped (2) and whether its axes are swapped (1). */
enum { CURVE_BITS = 28 };

typedef struct { uint8_t digits, state; } Step;

static void curve_steps(Step *step)
{
    for (int entry = 0; entry < 4 * 256; entry++) {
        int state = entry >> 8, digits = 0;
        for (int bit = 3; bit >= 0; bit--) {
            int x = (entry >> (4 + bit) & 1) ^ state >> 1, y = (entry >> bit & 1) ^ state >> 1;
            if (state & 1) { int t = x; x = y; y = t; }
            digits = digits << 2 | ((3 * x) ^ y);
            if (!y) state ^= x ? 3 : 1;
        }
        step[entry] = (Step){(uint8_t)digits, (uint8_t)state};
    }
}

static uint32_t cell(double at)
{
    double shifted = at * 2 + (double)(1 << (CURVE_BITS - 1));
    return !(shifted > 0) ? 0 : shifted >= (1 << CURVE_BITS) ? (1u << CURVE_BITS) - 1 : (uint32_t)shifted;
}

/* Keys of points; those that are not known come last. */
API void hilbert_keys(const double *xy, int64_t rows, uint64_t *key)
{
    Step step[4 * 256];
    curve_steps(step);
    for (int64_t row = 0; row < rows; row++) {
        double px = xy[2 * row], py = xy[2 * row + 1];
        if (px != px || py != py) { key[row] = UINT64_MAX; continue; }
        uint32_t x = cell(px), y = cell(py);
        uint64_t found = 0;
        int state = 0;
        for (int shift = CURVE_BITS - 4; shift >= 0; shift -= 4) {
            Step s = step[state << 8 | (x >> shift & 15) << 4 | (y >> shift & 15)];
            found = found << 8 | s.digits;
            state = s.state;
        }
        key[row] = found;
    }
}
