#include "emit/c_headers.h"

#include <gtest/gtest.h>

#include "kernels/registry.h"

namespace teff {
namespace {

TEST(CHeaders, KnowEveryKernelAndTheSizeOfItsParameters) {
  const CHeaders& headers = CHeaders::kernels();
  for (int i = 0; i < kernel_count(); ++i) {
    const KernelRow& row = kernel(static_cast<KernelId>(i));
    if (row.isa != "scalar") continue;  // boards never see it
    EXPECT_FALSE(headers.header_of_kernel(row.name).empty()) << row.name;
    const CStruct* params = headers.find_struct(row.params);
    ASSERT_NE(params, nullptr) << row.name << " " << row.params;
    EXPECT_EQ(params->bytes, row.params_bytes) << row.params;
    for (const PointerInfo& pointer : row.pointers)
      EXPECT_TRUE(pointer.name == "void" || headers.bytes_of(pointer.name) > 0)
          << row.name << " " << pointer.name;
  }
}

TEST(CHeaders, KernelsMadeByMacrosStandWhereTheMacroIsUsed) {
  const CHeaders& headers = CHeaders::kernels();
  EXPECT_EQ(headers.header_of_kernel("conv2d_s8"), "conv2d.h");
  EXPECT_EQ(headers.header_of_kernel("add_s8"), "arithmetic.h");
  EXPECT_EQ(headers.header_of_kernel("relu_f32"), "unary.h");
  EXPECT_EQ(headers.header_of_kernel("copy"), "copy.h");
  EXPECT_EQ(headers.header_of_kernel("no_such_kernel"), "");
}

TEST(CHeaders, IncludesComeFirst) {
  const auto all = CHeaders::kernels().with_includes({"conv2d.h", "base.h"});
  EXPECT_EQ(all, (std::vector<std::string>{"base.h", "products.h", "requantize.h", "window.h", "conv2d.h"}));
}

TEST(CHeaders, ReadFieldsOfEveryForm) {
  const CHeaders headers(
      {{"a.h",
        "#define N 3\n// typedef struct no { int32_t x; } no;\n"
        "typedef struct in { int8_t a; int64_t b; } in;\n"},
       {"b.h",
        "#include \"a.h\"\n#define K(name, T) \\\n  TEFF_KERNEL const T* teff_##name##_k(T x)\n"
        "K(one, float) {}\n"
        "typedef struct out {\n  float x, y[N];\n  struct in z[2], w;\n} out;\n"}});
  const CStruct* out = headers.find_struct("out");
  ASSERT_NE(out, nullptr);
  ASSERT_EQ(out->fields.size(), 4u);
  EXPECT_EQ(out->fields[1].elements, 3);
  EXPECT_EQ(out->fields[2].type, "in");
  EXPECT_EQ(out->bytes, 64u);
  EXPECT_EQ(headers.header_of_kernel("one_k"), "b.h");
  EXPECT_EQ(headers.find_struct("no"), nullptr);
}

}  // namespace
}  // namespace teff
