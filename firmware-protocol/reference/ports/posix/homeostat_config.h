/* A process has room. */
#define HS_LARGEST 640
#define HS_WINDOW 4
#define HS_DRIVEN 7
#define HS_OUTPUTS 3
#define HS_TAKEN_PER_POLL 255
#define HS_IMPOSED_PER_POLL 64
#define HS_READ_PER_POLL 64
