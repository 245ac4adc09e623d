// Every kernel.
#ifndef TEFF_KERNELS_C_ALL_H
#define TEFF_KERNELS_C_ALL_H

#include "kernels/c/base.h"
#include "kernels/c/fully_connected.h"

#endif
