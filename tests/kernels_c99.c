// The kernels as what they are for microcontrollers: one C99 translation unit that compiles without a
// warning.
#include "kernels/c/all.h"
int teff_kernels_are_c99(void);
int teff_kernels_are_c99(void) { return TEFF_FINE; }
