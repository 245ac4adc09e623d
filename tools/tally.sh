# Sourced by test: runs stages, counts what passed, failed and was skipped, and says so.

total_passed=0 total_failed=0 total_skipped=0
notes=()   # why something was skipped, what failed
skip=77    # what a stage returns that cannot be done here; its last line is the reason

# run_stage NAME: runs stage_NAME. A stage counts its tests in `passed`, `failed` and `skipped`; one that counts
# none is itself one test, and one that fails without a failed test is one more.
run_stage() {
  local stage=$1 log=build/test/$1.log start=$SECONDS status passed=0 failed=0 skipped=0
  printf '%-8s ' "$stage"
  stage_"$stage" >"$log" 2>&1
  status=$?
  case $status in
    0) [ $((passed + failed + skipped)) -gt 0 ] || passed=1 ;;
    "$skip") skipped=1 && notes+=("$stage skipped: $(tail -n 1 "$log")") ;;
    *) [ $failed -gt 0 ] || failed=1 ;;
  esac
  printf '%s (%d s)\n' "$(counts $passed $failed $skipped)" $((SECONDS - start))
  if [ $failed -gt 0 ]; then
    notes+=("$stage failed: see $log")
    tail -n 40 "$log" | sed 's/^/    /'
  fi
  total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed))
  total_skipped=$((total_skipped + skipped))
}

counts() { echo "$1 passed, $2 failed, $3 skipped"; }

# run_tests PRESET [CTEST OPTION...]: runs ctest and adds what the tests counted. A program of GoogleTest counts its
# cases; any other, and one that fails beside its cases (a crash, a leak), counts as one.
run_tests() {
  local preset=$1 results=$PWD/build/test/$1 name status good bad left
  shift
  rm -rf "$results" && mkdir -p "$results"
  GTEST_OUTPUT=xml:$results/ ctest --test-dir "build/$preset" --output-on-failure --output-junit "$results/ctest.junit" "$@"
  while read -r name status; do
    good=0 bad=0 left=0
    [ -f "$results/$name.xml" ] && read -r good bad left < <(count_cases "$results/$name.xml")
    case $status in
      run) [ $((good + bad + left)) -gt 0 ] || good=1 ;;
      notrun | disabled) left=$((left + 1)) && notes+=("$preset: $name was not run") ;;
      *) [ "$bad" -gt 0 ] || bad=1 ;;
    esac
    [ "$bad" = 0 ] || notes+=("$preset: $name failed")
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  done < <(sed -n 's/.*<testcase name="\([^"]*\)".* status="\([a-z]*\)".*/\1 \2/p' "$results/ctest.junit")
  note_skipped_cases "$preset" "$results"
  [ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]
}

# Passed, failed and skipped cases in a file that GoogleTest wrote.
count_cases() {
  awk '/<testcase /{all++; if (/result="skipped"/) left++; if (/status="notrun"/) all--} /<testcase .*[^\/]>$/{open = 1}
       /<failure /{if (open) bad++; open = 0} /<\/testcase>/{open = 0}
       END{print all - bad - left, bad + 0, left + 0}' "$1"
}

# The reasons of skipped cases, each once.
note_skipped_cases() {
  local reason
  while read -r reason; do notes+=("$1 skipped: $reason"); done < <(
    sed -n 's/.*<skipped message="\([^"]*\)".*/\1/p' "$2"/*.xml 2>/dev/null | sed 's/&#x0A;/ /g; s/&quot;/"/g; s/&apos;/'\''/g; s/.*\.cc:[0-9]* *//' | sort -u)
}

summary() {
  [ ${#notes[@]} = 0 ] || printf '%s\n' "${notes[@]}"
  counts $total_passed $total_failed $total_skipped
  [ $total_failed = 0 ]
}
