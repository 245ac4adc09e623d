// Fully connected layers for Armv7E-M's instructions whose weights lie as they are, each a byte and none
// filled up: for few inputs or outputs, of which dense_dsp.h would fill up more than it saves.
//
// Packed: a teff_channel for every output, then the weights [outputs][inputs]. Two outputs go together, so
// that an input that is unpacked serves both; of an odd number the last goes with itself. A step is two
// outputs by four inputs: three loads, six SXTB16 and four SMLAD for 8 products.
#ifndef TEFF_KERNELS_C_DENSE_BYTES_DSP_H
#define TEFF_KERNELS_C_DENSE_BYTES_DSP_H

#include "scale_dsp.h"

TEFF_KERNEL int32_t teff_dense_bytes_dsp_scratch(const teff_dense* p) {
  (void)p;
  return 0;
}

TEFF_KERNEL void teff_dense_bytes_dsp(teff_dense p, const int8_t* x, const void* packed, int8_t* y,
                                      void* scratch, teff_range r) {
  const teff_channel* channels = (const teff_channel*)packed;
  const int8_t* weights = (const int8_t*)(channels + p.outputs);
  (void)scratch;
  for (int32_t o = r.begin; o < r.end; o += 2) {
    const teff_channel *c = channels + o, *d = o + 1 < r.end ? c + 1 : c;
    const int8_t *w = weights + (ptrdiff_t)o * p.inputs, *v = weights + (ptrdiff_t)(d - channels) * p.inputs;
    int32_t i = 0, first = c->bias, second = d->bias;
    for (; i + 4 <= p.inputs; i += 4) {
      const int32_t four = teff_word(x + i), a = teff_word(w + i), b = teff_word(v + i);
      const int32_t even = teff_sxtb16(four), odd = teff_sxtb16_odd(four);
      first = teff_smlad(even, teff_sxtb16(a), teff_smlad(odd, teff_sxtb16_odd(a), first));
      second = teff_smlad(even, teff_sxtb16(b), teff_smlad(odd, teff_sxtb16_odd(b), second));
    }
    for (; i < p.inputs; ++i) {
      first += x[i] * w[i];
      second += x[i] * v[i];
    }
    y[o] = (int8_t)teff_scaled_dsp(&p.result, teff_scale_dsp_of(&p.result, c), first);
    y[d - channels] = (int8_t)teff_scaled_dsp(&p.result, teff_scale_dsp_of(&p.result, d), second);
  }
}

#endif
