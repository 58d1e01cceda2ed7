#!/usr/bin/env bash
# From a pipeline: the plan is saved, the test report becomes evidence, and the rollout begins if go lets it.
#
#   UNFELT=https://unfelt.example UNFELT_TOKEN=unfelt_… ./release.sh change.yaml junit.xml
#
# Exit code: 0 the rollout starts, 1 a gate holds it (it says which), 2 the plan or the report is refused.
set -euo pipefail
plan=$1 report=$2
name=$(sed -n 's/^ *id: *\([a-z][a-z0-9_-]*\).*/\1/p' "$plan" | head -1)

ask() {  # METHOD PATH CURL-OPTIONS…: the answer on standard output, the status in $status
  local method=$1 path=$2
  shift 2
  status=$(curl --silent --show-error --request "$method" --header "Authorization: Bearer $UNFELT_TOKEN" \
    --output answer.json --write-out '%{http_code}' "$@" "$UNFELT/api/$path")
  cat answer.json
  echo
}

json() { python3 -c 'import json, sys; print(json.dumps({"text": open(sys.argv[1]).read(), **json.loads(sys.argv[2])}))' "$@"; }

ask GET "changes/$name/plan/" > before.json
if [ "$status" = 200 ]; then
  number=$(python3 -c 'import json; print(json.load(open("before.json"))["number"])')
  ask PUT "changes/$name/plan/" --json "$(json "$plan" "{\"based_on\": $number}")"
else
  ask POST "changes/" --json "$(json "$plan" '{}')"
fi
case $status in 200 | 201) ;; *) exit 2 ;; esac

ask POST "changes/$name/controls/testing.functional/evidence/" --form kind=report --form "file=@$report"
[ "$status" = 201 ] || exit 2

ask POST "changes/$name/begin/"
[ "$status" = 202 ] || exit 1
