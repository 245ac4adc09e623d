// Ends what a target_*.h began; may be included again. (No include guard: each use counts.)
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
