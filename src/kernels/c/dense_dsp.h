// Fully connected layers for Armv7E-M's instructions: the vector is widened once, in scratch, for all outputs
// (tile_dsp.h has the arithmetic and the order of the packed weights). The first output of a range is a
// multiple of TEFF_TILE_OUTPUTS_DSP. Packed weights and scratch begin at multiples of 4 bytes; y may overlay
// x where a range is all outputs.
#ifndef TEFF_KERNELS_C_DENSE_DSP_H
#define TEFF_KERNELS_C_DENSE_DSP_H

#include "tile_dsp.h"

TEFF_KERNEL int32_t teff_dense_dsp_scratch(const teff_dense* p) { return (p->inputs + 3) / 4 * 8; }

TEFF_KERNEL void teff_dense_dsp(teff_dense p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                                teff_range outputs) {
  const int32_t quads = (p.inputs + 3) / 4, whole = p.inputs / 4;
  const ptrdiff_t block = TEFF_TILE_BIASES_DSP + TEFF_TILE_CONSTANTS_DSP + 16 * (ptrdiff_t)quads;
  int8_t* widened = (int8_t*)scratch;
  teff_widen_one_dsp(x, whole, widened);
  if (quads > whole) {
    int32_t last = 0;
    for (int32_t i = 4 * whole; i < p.inputs; ++i) last |= (int32_t)((uint32_t)(uint8_t)x[i] << (i % 4 * 8));
    teff_set_two_words(widened + 8 * (ptrdiff_t)whole, teff_sxtb16(last), teff_sxtb16_odd(last));
  }
  teff_tile_dsp(&p.result, (const int8_t*)packed + outputs.begin / TEFF_TILE_OUTPUTS_DSP * block, widened,
                quads, outputs.end - outputs.begin, 0, 0, y + outputs.begin);
}

#endif
