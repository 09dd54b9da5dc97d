/* Polygons straight from WKB: outlines, areas, validity, a packed tree of boxes, common areas; keys of tables; sums by parcel.
 *
 * Whatever is not plainly a valid polygon, or cannot be decided with certainty in doubles, is HANDED on: the caller
 * gives it to GEOS. Signs of orientations are certain (Shewchuk's static filter); build with -ffp-contract=off, never
 * with -ffast-math. No Python and no allocation: plain arrays in, plain arrays out, any number of threads.
 */
#include "plane.h"

#include "outlines.c"
#include "order.c"
#include "tree.c"
#include "common.c"
#include "disjoint.c"
#include "pairs.c"
#include "keys.c"
#include "held.c"
#include "sums.c"

/* A digest of these sources, by which build.py and library.py know that the library was made of them. */
API const char *mark(void) { return MARK; }
