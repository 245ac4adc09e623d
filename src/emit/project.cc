// The files around the code: how it is built, and where other build systems want it.
#include <fmt/format.h>

#include "emit/c_text.h"
#include "emit/model.h"

namespace teff {
namespace {

std::string arduino_properties(const std::string& name) {
  return fmt::format(
      "name={0}\nversion=1.0.0\nauthor=teff\nmaintainer=teff\nsentence=The network {0} as plain "
      "C.\nparagraph=One call "
      "runs it; see src/{0}.h.\ncategory=Data Processing\nurl=\narchitectures=*\nincludes={0}.h\n",
      name);
}

std::string arduino_sketch(const EmittedModel& model) {
  const std::string& n = model.name;
  const std::string arguments = model.list("arena", "", "&state");
  std::string text = fmt::format("#include <{0}.h>\n\n", n);
  for (size_t i = 0; i < model.arenas(); ++i)
    text += fmt::format("static unsigned char {}[{}_BYTES] __attribute__((aligned(16)));\n",
                        piece_name("arena", i), upper(piece_name(n + "_arena", i)));
  if (model.has_state()) text += fmt::format("static {}_state state;\n", n);
  if (model.input_rows)
    text += fmt::format(
        "\nstatic void next_rows(void*, int32_t, int32_t rows, int8_t* to) {{\n"
        "  for (int32_t i = 0; i < rows * {}_INPUT_0_ROW_BYTES; ++i) to[i] = 0;\n}}\n",
        upper(n));
  text += "\nvoid setup() {\n  Serial.begin(115200);\n";
  if (model.has_state()) text += fmt::format("  {}_init(&state);\n", n);
  text += "}\n\nvoid loop() {\n";
  if (!model.input_rows)
    text += fmt::format("  for (int i = 0; i < {1}_INPUT_0_ELEMENTS; ++i) {0}_input_0({2})[i] = 0;\n", n,
                        upper(n), arguments);
  text += fmt::format(
      "  const unsigned long start = micros();\n  const teff_fault fault = {0}_invoke({2}{3});\n"
      "  Serial.print(\"fault \");\n  Serial.print((int)fault);\n  Serial.print(\", microseconds \");\n"
      "  Serial.println(micros() - start);\n  delay(1000);\n}}\n",
      n, upper(n), arguments, model.input_rows ? ", next_rows, 0" : "");
  return text;
}

std::string zephyr_cmake(const std::string& name) {
  return fmt::format(
      "zephyr_library_named({0})\nzephyr_include_directories(../src)\nzephyr_library_sources(../src/{0}.c "
      "../src/{0}_weights.c)\n",
      name);
}

}  // namespace

std::string cmake_lists(const EmittedModel& model) {
  return fmt::format(
      "cmake_minimum_required(VERSION 3.10)\nproject({0} C)\n\n"
      "# The network as a library: add_subdirectory() this folder and link {0}.\n"
      "add_library({0} {0}.c {0}_weights.c)\ntarget_include_directories({0} PUBLIC "
      "${{CMAKE_CURRENT_SOURCE_DIR}})\n\n"
      "# Its self-test, for a machine that has printf.\n"
      "add_executable({0}_test EXCLUDE_FROM_ALL test/test.c {0}.c {0}_weights.c)\n"
      "target_include_directories({0}_test PRIVATE ${{CMAKE_CURRENT_SOURCE_DIR}})\n"
      "target_compile_definitions({0}_test PRIVATE TEFF_HOOKED)\n"
      "target_link_libraries({0}_test PRIVATE m)\n",
      model.name);
}

std::vector<EmittedFile> laid_out(const EmittedModel& model, std::vector<EmittedFile> files) {
  const std::string& name = model.name;
  if (model.options.layout == EmitLayout::plain) {
    files.push_back({"CMakeLists.txt", cmake_lists(model)});
    return files;
  }
  for (EmittedFile& file : files)
    if (!file.path.starts_with("test/"))
      file.path = "src/" + file.path;
    else
      file.path = "extras/" + file.path;
  if (model.options.layout == EmitLayout::arduino) {
    files.push_back({"library.properties", arduino_properties(name)});
    files.push_back({fmt::format("examples/{0}_once/{0}_once.ino", name), arduino_sketch(model)});
  } else {
    files.push_back({"zephyr/module.yml", fmt::format("name: {}\nbuild:\n  cmake: zephyr\n", name)});
    files.push_back({"zephyr/CMakeLists.txt", zephyr_cmake(name)});
  }
  return files;
}

}  // namespace teff
