// How operands of different shapes are walked together: numpy's broadcasting, worked out before anything
// runs.
//
// A teff_broadcast lists the axes of the result, outermost first, as few as describe it (axes over which all
// operands go on steadily are one). An operand's stride along an axis is in elements; 0: its only element
// there is used again and again. Along the last axis every stride is 1 or 0. A unit is one element of the
// result.
#ifndef TEFF_KERNELS_C_BROADCAST_H
#define TEFF_KERNELS_C_BROADCAST_H

#include "base.h"

typedef struct teff_broadcast {
  int32_t axes;  // at least 1
  int32_t extent[TEFF_MAX_RANK];
  int32_t a[TEFF_MAX_RANK], b[TEFF_MAX_RANK], c[TEFF_MAX_RANK];  // strides of up to three operands
} teff_broadcast;

// Where a walk over the result stands: its index, and the operands' offsets there.
typedef struct teff_walk {
  int32_t at[TEFF_MAX_RANK];
  int32_t a, b, c;
} teff_walk;

TEFF_KERNEL void teff_walk_along(const teff_broadcast* s, int32_t axis, int32_t n, teff_walk* w) {
  w->at[axis] += n;
  w->a += n * s->a[axis];
  w->b += n * s->b[axis];
  w->c += n * s->c[axis];
}

TEFF_KERNEL teff_walk teff_walk_from(const teff_broadcast* s, int32_t unit) {
  teff_walk w = {{0}, 0, 0, 0};
  for (int32_t axis = s->axes - 1; axis >= 0; --axis) {
    teff_walk_along(s, axis, unit % s->extent[axis], &w);
    unit /= s->extent[axis];
  }
  return w;
}

// How many of the next `most` units lie on the last axis without a break.
TEFF_KERNEL int32_t teff_walk_run(const teff_broadcast* s, const teff_walk* w, int32_t most) {
  return teff_min_s32(s->extent[s->axes - 1] - w->at[s->axes - 1], most);
}

TEFF_KERNEL void teff_walk_on(const teff_broadcast* s, int32_t n, teff_walk* w) {
  int32_t axis = s->axes - 1;
  teff_walk_along(s, axis, n, w);
  for (; axis > 0 && w->at[axis] == s->extent[axis]; --axis) {
    teff_walk_along(s, axis, -s->extent[axis], w);
    teff_walk_along(s, axis - 1, 1, w);
  }
}

// Defines the kernel y = f(p, a, b) over broadcast operands, where `p.over` says how. The three loops are
// what compilers turn into vectors: two streams, or one and a constant.
#define TEFF_BROADCAST_KERNEL(name, P, A, B, Y, f)                                \
  TEFF_KERNEL void teff_##name(P p, const A* a, const B* b, Y* y, teff_range r) { \
    const int32_t last = p.over.axes - 1;                                         \
    teff_walk w = teff_walk_from(&p.over, r.begin);                               \
    for (int32_t unit = r.begin, n; unit < r.end; unit += n) {                    \
      const A* u = a + w.a;                                                       \
      const B* v = b + w.b;                                                       \
      Y* out = y + unit;                                                          \
      n = teff_walk_run(&p.over, &w, r.end - unit);                               \
      if (!p.over.a[last]) {                                                      \
        const A first = *u;                                                       \
        for (int32_t i = 0; i < n; ++i) out[i] = f(&p, first, v[i]);              \
      } else if (!p.over.b[last]) {                                               \
        const B second = *v;                                                      \
        for (int32_t i = 0; i < n; ++i) out[i] = f(&p, u[i], second);             \
      } else {                                                                    \
        for (int32_t i = 0; i < n; ++i) out[i] = f(&p, u[i], v[i]);               \
      }                                                                           \
      teff_walk_on(&p.over, n, &w);                                               \
    }                                                                             \
  }

// Defines the kernel y = f(p, x), element by element; a unit is one element.
#define TEFF_MAP_KERNEL(name, P, X, Y, f)                             \
  TEFF_KERNEL void teff_##name(P p, const X* x, Y* y, teff_range r) { \
    for (int32_t i = r.begin; i < r.end; ++i) y[i] = f(&p, x[i]);     \
  }

// For kernels whose arithmetic has no parameters: C has no empty struct.
typedef struct teff_no_params {
  int32_t unused;
} teff_no_params;

#endif
