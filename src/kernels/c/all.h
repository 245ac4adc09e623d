// Every kernel.
#ifndef TEFF_KERNELS_C_ALL_H
#define TEFF_KERNELS_C_ALL_H

#include "kernels/c/base.h"
#include "kernels/c/conv2d.h"
#include "kernels/c/copy.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/fully_connected.h"
#include "kernels/c/index.h"
#include "kernels/c/pool2d.h"

#endif
