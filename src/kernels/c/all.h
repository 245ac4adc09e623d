// Every kernel.
#ifndef TEFF_KERNELS_C_ALL_H
#define TEFF_KERNELS_C_ALL_H

#include "kernels/c/along_axis.h"
#include "kernels/c/arithmetic.h"
#include "kernels/c/base.h"
#include "kernels/c/batch_matmul.h"
#include "kernels/c/broadcast.h"
#include "kernels/c/circular_buffer.h"
#include "kernels/c/compare.h"
#include "kernels/c/conv2d.h"
#include "kernels/c/convert.h"
#include "kernels/c/copy.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/embedding_lookup.h"
#include "kernels/c/fixed_point.h"
#include "kernels/c/fully_connected.h"
#include "kernels/c/index.h"
#include "kernels/c/lstm.h"
#include "kernels/c/numbers.h"
#include "kernels/c/pool2d.h"
#include "kernels/c/products.h"
#include "kernels/c/reduce.h"
#include "kernels/c/requantize.h"
#include "kernels/c/resize.h"
#include "kernels/c/softmax.h"
#include "kernels/c/svdf.h"
#include "kernels/c/transpose_conv2d.h"
#include "kernels/c/unary.h"
#include "kernels/c/window.h"

#endif
