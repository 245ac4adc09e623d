// Long short-term memory. With gates f (forget), i (input), o (output) and the cell's own input g, each made
// of x, the last output h and a bias,
//
//     c = f * c + i * g,  h = o * tanh(c)
//
// for each time step in turn; h and c are kept from call to call. A unit is one of the batch. Gates lie in
// the order f, g, o, i; i may be missing, and is 1 - f then.
#ifndef TEFF_KERNELS_C_LSTM_H
#define TEFF_KERNELS_C_LSTM_H

#include "fully_connected.h"
#include "unary.h"

// Where a sequence lies: how far apart time steps and members of the batch are, in elements.
typedef struct teff_sequence {
  int32_t width;  // elements of one step
  int32_t step, batch;
  int32_t offset;
} teff_sequence;

TEFF_KERNEL ptrdiff_t teff_sequence_at(const teff_sequence* s, int32_t batch, int32_t time) {
  return s->offset + (ptrdiff_t)batch * s->batch + (ptrdiff_t)time * s->step;
}

// --- float32 ---

typedef struct teff_lstm_f32_params {
  teff_sequence x, aux, y;  // aux: a second input with weights of its own, of width 0 where there is none
  int32_t steps, backward;
  int32_t cells, gates;
  int32_t tanh;                  // g and c go through tanh; otherwise they are kept in [lo, hi]
  float lo, hi;                  //
  float cell_clip, output_clip;  // c and the projected h are kept between -clip and clip; 0: they are not
} teff_lstm_f32_params;

TEFF_KERNEL float teff_lstm_activation(const teff_lstm_f32_params* p, float x) {
  return p->tanh ? tanhf(x) : teff_clamp_f32(x, p->lo, p->hi);
}

TEFF_KERNEL void teff_clip_f32(float* x, int32_t n, float clip) {
  if (clip > 0)
    for (int32_t i = 0; i < n; ++i) x[i] = teff_clamp_f32(x[i], -clip, clip);
}

// x to mean 0 and deviation 1, times `factor`, plus `bias`.
TEFF_KERNEL void teff_layer_norm_f32(const float* factor, const float* bias, int32_t n, float* x) {
  float sum = 0, squares = 0;
  for (int32_t i = 0; i < n; ++i) sum += x[i];
  const float mean = sum / (float)n;
  for (int32_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float scale = 1 / sqrtf(squares / (float)n + 1e-8f);
  for (int32_t i = 0; i < n; ++i) x[i] = (x[i] - mean) * scale * factor[i] + bias[i];
}

// What gate `k` is before its activation, from the sums of products that it holds. Peepholes and norms have
// one row for each gate.
TEFF_KERNEL float* teff_lstm_gate_f32(const teff_lstm_f32_params* p, int32_t k, const float* bias,
                                      const float* peepholes, const float* norms, const float* c,
                                      float* gates) {
  const ptrdiff_t at = (ptrdiff_t)k * p->cells;
  float* gate = gates + at;
  if (peepholes)
    for (int32_t j = 0; j < p->cells; ++j) gate[j] += peepholes[at + j] * c[j];
  if (norms)
    teff_layer_norm_f32(norms + at, bias + at, p->cells, gate);
  else
    for (int32_t j = 0; j < p->cells; ++j) gate[j] += bias[at + j];
  return gate;
}

// The state's step, from sums of products to c and what becomes h (it takes the place of g in `gates`).
TEFF_KERNEL float* teff_lstm_cells_f32(const teff_lstm_f32_params* p, const float* bias,
                                       const float* peepholes, const float* norms, float* gates, float* c) {
  const int32_t cells = p->cells;
  const float* f = teff_lstm_gate_f32(p, 0, bias, peepholes, norms, c, gates);
  float* g = teff_lstm_gate_f32(p, 1, bias, 0, norms, c, gates);
  const float* i = p->gates == 4 ? teff_lstm_gate_f32(p, 3, bias, peepholes, norms, c, gates) : 0;
  for (int32_t j = 0; j < cells; ++j) {
    const float forget = teff_logistic_of(f[j]), input = i ? teff_logistic_of(i[j]) : 1 - forget;
    c[j] = forget * c[j] + input * teff_lstm_activation(p, g[j]);
  }
  teff_clip_f32(c, cells, p->cell_clip);
  const float* o = teff_lstm_gate_f32(p, 2, bias, peepholes, norms, c, gates);
  for (int32_t j = 0; j < cells; ++j) g[j] = teff_logistic_of(o[j]) * teff_lstm_activation(p, c[j]);
  return g;
}

// Weights are [inputs][gates][cells], the inputs being those of x, aux and h in turn; the projection is
// [cells][outputs]. Peepholes, norms, projection and its bias may be missing. Scratch: `gates` rows of cells.
TEFF_KERNEL void teff_lstm_f32(teff_lstm_f32_params p, const float* x, const float* aux, const float* weights,
                               const float* bias, const float* peepholes, const float* norms,
                               const float* projection, const float* projection_bias, float* h, float* c,
                               float* y, float* gates, teff_range r) {
  const int32_t sums = p.gates * p.cells, outputs = p.y.width;
  const float* aux_weights = weights + (ptrdiff_t)p.x.width * sums;
  const float* h_weights = aux_weights + (ptrdiff_t)p.aux.width * sums;
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    float *cell = c + (ptrdiff_t)unit * p.cells, *out = h + (ptrdiff_t)unit * outputs;
    for (int32_t s = 0; s < p.steps; ++s) {
      const int32_t time = p.backward ? p.steps - 1 - s : s;
      for (int32_t i = 0; i < sums; ++i) gates[i] = 0;
      teff_add_products_f32(x + teff_sequence_at(&p.x, unit, time), p.x.width, weights, sums, gates);
      if (aux)
        teff_add_products_f32(aux + teff_sequence_at(&p.aux, unit, time), p.aux.width, aux_weights, sums,
                              gates);
      teff_add_products_f32(out, outputs, h_weights, sums, gates);
      const float* result = teff_lstm_cells_f32(&p, bias, peepholes, norms, gates, cell);
      if (projection) {
        for (int32_t o = 0; o < outputs; ++o) out[o] = projection_bias ? projection_bias[o] : 0;
        teff_add_products_f32(result, p.cells, projection, outputs, out);
        teff_clip_f32(out, outputs, p.output_clip);
      } else {
        for (int32_t o = 0; o < outputs; ++o) out[o] = result[o];
      }
      float* to = y + teff_sequence_at(&p.y, unit, time);
      for (int32_t o = 0; o < outputs; ++o) to[o] = out[o];
    }
  }
}

typedef struct teff_lstm_basic_params {
  int32_t cells;
} teff_lstm_basic_params;

// One step from the gates' sums, which lie in the order i, g, f, o for each of the batch. A unit is one cell.
TEFF_KERNEL void teff_lstm_basic_f32(teff_lstm_basic_params p, const float* sums, const float* c, float* h,
                                     float* new_c, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const float* i = sums + (ptrdiff_t)(unit / p.cells) * 4 * p.cells + unit % p.cells;
    const float *g = i + p.cells, *f = g + p.cells, *o = f + p.cells;
    new_c[unit] = teff_logistic_of(*i) * tanhf(*g) + teff_logistic_of(*f) * c[unit];
    h[unit] = teff_logistic_of(*o) * tanhf(new_c[unit]);
  }
}

// --- integers ---

// Sums of products become numbers of scale 2^-12 and 16 bits, those of x and of h each on their own; gates
// have the scale 2^-15, c has a power of two of its own.
typedef struct teff_lstm_integer_params {
  teff_sequence x, y;
  int32_t steps, cells;
  int32_t x_zero, h_zero;
  teff_factor x_factors[4], h_factors[4];
  teff_factor keep, add, out;      // f * c and i * g to c's scale, o * tanh(c) to h's
  int32_t clip;                    // c is kept between -clip and clip; 0: it is not
  teff_sigmoid_s16_params c_tanh;  // from c's scale
} teff_lstm_integer_params;

TEFF_KERNEL int16_t teff_saturate_s16(int32_t x) { return (int16_t)teff_clamp_s32(x, -32768, 32767); }

// The activation of a gate: tanh for g, the logistic function for the others.
TEFF_KERNEL void teff_lstm_squash(int32_t k, const uint16_t* table, int32_t n, int16_t* gate) {
  const teff_sigmoid_s16_params from_12_bits = {3, 0};
  for (int32_t j = 0; j < n; ++j)
    gate[j] = k == 1 ? teff_tanh_one_s16(from_12_bits, table, gate[j])
                     : teff_logistic_one_s16(from_12_bits, table, gate[j]);
}

TEFF_KERNEL void teff_lstm_next_cells(const teff_lstm_integer_params* p, const int16_t* f, const int16_t* g,
                                      const int16_t* i, int16_t* c) {
  for (int32_t j = 0; j < p->cells; ++j) {
    const int16_t kept = teff_saturate_s16(teff_scale(f[j] * c[j], p->keep));
    const int16_t added = teff_saturate_s16(teff_scale(i[j] * g[j], p->add));
    const int16_t sum = teff_saturate_s16(kept + added);
    c[j] = p->clip > 0 ? (int16_t)teff_clamp_s32(sum, -p->clip, p->clip) : sum;
  }
}

// Weights of x are [4][cells][inputs], those of h [4][cells][cells], biases [4][cells]. Scratch: x and h with
// their zero points taken off, and four gates.
#define TEFF_LSTM(name, T, Bias, Sum, lo, hi, is_narrow)                                                 \
  /* sums[j] (+)= products of v with row j of w, on the scale of the sums */                             \
  TEFF_KERNEL void teff_lstm_sums_##name(const int16_t* v, int32_t n, const int8_t* w, const Bias* bias, \
                                         teff_factor factor, int32_t cells, int16_t* sums) {             \
    const teff_requantize to_12_bits = {0, -32768, 32767, 0, is_narrow};                                 \
    for (int32_t j = 0; j < cells; j += 2) {                                                             \
      const int32_t pair = teff_min_s32(cells - j, 2);                                                   \
      const int8_t* row = w + (ptrdiff_t)j * n;                                                          \
      Sum products[4];                                                                                   \
      teff_dots_##name(v, v, row, row + (ptrdiff_t)(pair - 1) * n, n, products);                         \
      for (int32_t k = 0; k < pair; ++k) {                                                               \
        const Sum sum = products[k] + (bias ? (Sum)bias[j + k] : 0);                                     \
        const int16_t value = teff_requantize_s16(&to_12_bits, sum, factor);                             \
        sums[j + k] = bias ? value : teff_saturate_s16(sums[j + k] + value);                             \
      }                                                                                                  \
    }                                                                                                    \
  }                                                                                                      \
  TEFF_KERNEL void teff_lstm_##name(teff_lstm_integer_params p, const T* x, const int8_t* x_weights,     \
                                    const int8_t* h_weights, const Bias* biases, const uint16_t* table,  \
                                    T* h, int16_t* c, T* y, int16_t* scratch, teff_range r) {            \
    const int32_t cells = p.cells;                                                                       \
    int16_t *centred = scratch, *centred_h = centred + p.x.width, *gates = centred_h + cells;            \
    int16_t *f = gates, *g = f + cells, *o = g + cells, *i = o + cells;                                  \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                                 \
      int16_t* cell = c + (ptrdiff_t)unit * cells;                                                       \
      T* out = h + (ptrdiff_t)unit * cells;                                                              \
      for (int32_t time = 0; time < p.steps; ++time) {                                                   \
        teff_centre_##name(x + teff_sequence_at(&p.x, unit, time), p.x.width, p.x_zero, centred);        \
        teff_centre_##name(out, cells, p.h_zero, centred_h);                                             \
        for (int32_t k = 0; k < 4; ++k) {                                                                \
          int16_t* gate = gates + (ptrdiff_t)k * cells;                                                  \
          teff_lstm_sums_##name(centred, p.x.width, x_weights + (ptrdiff_t)k * cells * p.x.width,        \
                                biases + (ptrdiff_t)k * cells, p.x_factors[k], cells, gate);             \
          teff_lstm_sums_##name(centred_h, cells, h_weights + (ptrdiff_t)k * cells * cells, 0,           \
                                p.h_factors[k], cells, gate);                                            \
          teff_lstm_squash(k, table, cells, gate);                                                       \
        }                                                                                                \
        teff_lstm_next_cells(&p, f, g, i, cell);                                                         \
        T* to = y + teff_sequence_at(&p.y, unit, time);                                                  \
        for (int32_t j = 0; j < cells; ++j) {                                                            \
          const int32_t result = teff_scale(teff_tanh_one_s16(p.c_tanh, table, cell[j]) * o[j], p.out);  \
          to[j] = out[j] = (T)teff_clamp_s32(teff_wrap_add(result, p.h_zero), lo, hi);                   \
        }                                                                                                \
      }                                                                                                  \
    }                                                                                                    \
  }
TEFF_LSTM(s8, int8_t, int32_t, uint32_t, -128, 127, 1)
TEFF_LSTM(s16, int16_t, int64_t, uint64_t, -32768, 32767, 0)
#undef TEFF_LSTM

#endif
