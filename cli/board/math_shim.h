/* For compilers that come without a C library: stands in for math.h. Networks of integers call none of these.
 */
#ifndef MATH_SHIM_H
#define MATH_SHIM_H

float atan2f(float y, float x);
float ceilf(float x);
float cosf(float x);
float erff(float x);
float erfcf(float x);
float expf(float x);
float expm1f(float x);
float fabsf(float x);
float floorf(float x);
float fmodf(float x, float y);
float logf(float x);
float powf(float x, float y);
float rintf(float x);
float roundf(float x);
float sinf(float x);
float sqrtf(float x);
float tanhf(float x);
float truncf(float x);
double ceil(double x);
double erf(double x);
double exp(double x);
double fabs(double x);
double floor(double x);
double log(double x);
double pow(double x, double y);
double rint(double x);
double round(double x);
double sqrt(double x);
double tanh(double x);
double trunc(double x);
double fmod(double x, double y);
double sin(double x);
double cos(double x);

#endif
