// Sources include what they use of the headers that the build reads ahead (teff_precompile in
// CMakeLists.txt), for whoever builds without that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tree.h"

namespace teff {
namespace {

// What tells that a header is used. Names that other headers declare as well are left out.
const std::map<std::string, std::vector<std::string>> kSigns = {
    {"<algorithm>",
     {"std::all_of(", "std::any_of(",      "std::clamp(",       "std::copy(",      "std::copy_n(",
      "std::count(",  "std::count_if(",    "std::equal(",       "std::fill(",      "std::fill_n(",
      "std::find(",   "std::find_if(",     "std::lower_bound(", "std::max(",       "std::max_element(",
      "std::min(",    "std::min_element(", "std::none_of(",     "std::remove_if(", "std::reverse(",
      "std::sort(",   "std::stable_sort(", "std::transform(",   "std::unique(",    "std::upper_bound("}},
    {"<array>", {"std::array<"}},
    {"<functional>", {"std::function<"}},
    {"<map>", {"std::map<"}},
    {"<memory>", {"std::make_shared<", "std::make_unique<", "std::shared_ptr<", "std::unique_ptr<"}},
    {"<optional>", {"std::nullopt", "std::optional<"}},
    {"<span>", {"std::span<", "std::span("}},
    {"<string>", {"std::string(", "std::string>", "std::string ", "std::string&", "std::to_string("}},
    {"<variant>", {"std::get_if<", "std::holds_alternative<", "std::variant<", "std::visit("}},
    {"<vector>", {"std::vector<"}},
    {"<fmt/format.h>", {"fmt::"}},
};

struct File {
  std::string code;                       // without comments
  std::vector<std::string> own, systems;  // included: paths as written, and "<vector>"
};

File read(const Source& source) {
  const std::regex directive(R"re(\s*#\s*include\s+(?:"([^"]+)"|(<[^>]+>)).*)re");
  File file;
  std::smatch match;
  for (const std::string& line : source.lines) {
    if (line.find("#include") == std::string::npos)
      file.code += line.substr(0, line.find("//")) + '\n';
    else if (std::regex_match(line, match, directive))
      (match[1].matched ? file.own : file.systems).push_back(match[1].matched ? match[1] : match[2]);
  }
  return file;
}

class Sources {
 public:
  Sources() {
    for (const Source& source : sources()) files_[source.path] = read(source);
  }
  const std::map<std::string, File>& files() const { return files_; }

  // All that the file sees of headers of others, through its own headers too.
  std::set<std::string> seen_by(const std::string& path) const {
    std::set<std::string> paths, systems;
    collect(path, paths, systems);
    return systems;
  }

 private:
  void collect(const std::string& path, std::set<std::string>& paths, std::set<std::string>& systems) const {
    const auto file = files_.find(path);
    if (file == files_.end() || !paths.insert(path).second) return;
    systems.insert(file->second.systems.begin(), file->second.systems.end());
    const std::string folder = std::filesystem::path(path).parent_path();
    for (const std::string& include : file->second.own)
      for (const std::string& from :
           {folder, std::string("src"), std::string("include"), std::string("cli"), std::string()})
        collect((std::filesystem::path(from) / include).lexically_normal(), paths, systems);
  }
  std::map<std::string, File> files_;
};

bool uses(const std::string& code, const std::vector<std::string>& signs) {
  return std::ranges::any_of(signs, [&](const auto& sign) { return code.find(sign) != std::string::npos; });
}

std::vector<std::string> missing_in(const std::string& code, const std::set<std::string>& seen) {
  std::vector<std::string> missing;
  for (const auto& [header, signs] : kSigns)
    if (!seen.contains(header) && uses(code, signs)) missing.push_back(header);
  return missing;
}

TEST(Includes, EverySourceSeesWhatItUses) {
  const Sources all;
  for (const auto& [path, file] : all.files()) {
    if (path.starts_with("examples/")) continue;  // built as a stranger builds them, with nothing read ahead
    if (path == "tests/includes_test.cc") continue;  // names what it does not use
    EXPECT_THAT(missing_in(file.code, all.seen_by(path)), testing::IsEmpty()) << path;
  }
}

TEST(Includes, TheCheckKnowsAllThatIsReadAhead) {
  std::ostringstream text;
  for (const std::string& line : lines_of("CMakeLists.txt")) text << line << ' ';
  const std::string build = text.str();
  const size_t begin = build.find("set(precompiled "), end = build.find(')', begin);
  ASSERT_NE(begin, std::string::npos);
  const std::string list = build.substr(begin, end - begin);
  const std::regex header("<[^>]+>");
  std::set<std::string> ahead;
  for (std::sregex_iterator i(list.begin(), list.end(), header), last; i != last; ++i) ahead.insert(i->str());
  std::set<std::string> known;
  for (const auto& [name, signs] : kSigns) known.insert(name);
  EXPECT_EQ(ahead, known);
}

TEST(Includes, TheCheckItselfFindsWhatIsMissing) {
  using testing::ElementsAre;
  EXPECT_THAT(missing_in("std::vector<int> v; // std::map<int, int>", {"<map>"}), ElementsAre("<vector>"));
  EXPECT_THAT(missing_in("std::vector<int> v;", {"<vector>"}), testing::IsEmpty());
  EXPECT_EQ(read({"x.cc", {"#include <map>", "#include \"x.h\"", "int a;  // std::vector<int>"}}).code,
            "int a;  \n");
}

}  // namespace
}  // namespace teff
