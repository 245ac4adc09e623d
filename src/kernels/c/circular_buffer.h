// The last rows that came, in a network that computes a new row only every few calls.
#ifndef TEFF_KERNELS_C_CIRCULAR_BUFFER_H
#define TEFF_KERNELS_C_CIRCULAR_BUFFER_H

#include "base.h"

typedef struct teff_circular_buffer_s8_params {
  int32_t kept, added;  // elements: y has both, x the latter
  int32_t calls;        // what follows runs once in so many
} teff_circular_buffer_s8_params;

// Moves y to the front by what x adds at its end; y is kept from call to call, as is the number of calls
// since the graph was last run to its end. There is one unit.
TEFF_KERNEL teff_fault teff_circular_buffer_s8(teff_circular_buffer_s8_params p, const int8_t* x, int8_t* y,
                                               int32_t* count, teff_range r) {
  if (r.begin == r.end) return TEFF_FINE;
  for (int32_t i = 0; i < p.kept; ++i) y[i] = y[i + p.added];
  for (int32_t i = 0; i < p.added; ++i) y[p.kept + i] = x[i];
  if (++*count < p.calls) return TEFF_ENOUGH;
  *count = 0;
  return TEFF_FINE;
}

#endif
