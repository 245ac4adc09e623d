// The release that these headers belong to; the build file reads it from here.
#pragma once

#define TEFF_VERSION "0.1.0"
