// How a source says which instructions its functions may use: all of it, words and templates included, stands
// between TEFF_TARGET_BEGIN("avx2,fma") and TEFF_TARGET_END, after the headers of the compiler and of the
// library, which must stay ordinary code.
#pragma once

#define TEFF_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define TEFF_TARGET_BEGIN(isas) \
  TEFF_PRAGMA(clang attribute push(__attribute__((target(isas))), apply_to = function))
#define TEFF_TARGET_END TEFF_PRAGMA(clang attribute pop)
#define TEFF_UNROLL TEFF_PRAGMA(unroll)
#else
#define TEFF_TARGET_BEGIN(isas) TEFF_PRAGMA(GCC push_options) TEFF_PRAGMA(GCC target(isas))
#define TEFF_TARGET_END TEFF_PRAGMA(GCC pop_options)
// Stands before a loop whose length the compiler knows: what it counts through are registers.
#define TEFF_UNROLL TEFF_PRAGMA(GCC unroll 32)
#endif
