#!/usr/bin/env bash
# compare.sh BASE HEAD RESULTS: measures the contender of two checkouts, one after the other, and compares.
# In its environment are the inputs of action.yml, and what GitHub sets.
set -euo pipefail
base=$1 head=$2 results=$3
mkdir -p "$results"

# measure CHECKOUT NAME
measure() {
    showdown run --variants-file "$1/$VARIANTS_FILE" --variants "$VARIANTS" --profile "$PROFILE" \
        ${SCENARIOS:+--scenarios "$SCENARIOS"} --out "$results/$2"
}

measure "$base" before
baseline=$(jq --raw-output .baseline "$results/before/results.json")
if ! showdown list --json | jq --exit-status --arg name "$baseline" '.variants | has($name)' >/dev/null; then
    echo "::error::the baseline of $VARIANTS_FILE is $baseline, which a pull request may change: name a variant of showdown"
    exit 1
fi
measure "$head" after
echo "results=$results" >>"$GITHUB_OUTPUT"
showdown compare "$results/before" "$results/after" --json >"$results/comparison.json"
# 3: something is established to be worse.
status=0
COLUMNS=120 showdown compare "$results/before" "$results/after" --fail-if-worse >"$results/comparison.txt" || status=$?
[ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
{
    echo '### showdown compare'
    echo
    echo '```'
    cat "$results/comparison.txt"
    echo '```'
    for name in before after; do
        echo "<details><summary>$name</summary>"
        echo
        showdown report "$results/$name" --export markdown
        echo
        echo '</details>'
    done
} | tee -a "$GITHUB_STEP_SUMMARY"
[ "$FAIL_IF_WORSE" != true ] || exit "$status"
