/* Sizes for tests; the Makefile builds some of them with those of a small controller too. */
#ifndef HS_LARGEST
#define HS_LARGEST 640
#endif
#ifndef HS_TAKEN_PER_POLL
#define HS_TAKEN_PER_POLL 16
#endif
#define HS_DRIVEN 7
#define HS_OUTPUTS 3
