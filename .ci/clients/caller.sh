# The AWS CLI, as go/main.go: caller.sh SECONDS. What it used stands in its own account of the request; Debian's
# is older than AWS_ENDPOINT_URL_STS.
end=$(($(date +%s) + $1))
while [ "$(date +%s)" -lt "$end" ]; do
	said=$(/usr/bin/aws --debug --endpoint-url "$AWS_ENDPOINT_URL_STS" sts get-caller-identity 2>&1) || {
		printf '%s\n' "$said" | tail -n 5 >&2
		exit 1
	}
	printf '%s\n' "$said" | grep -o 'Credential=ASIA[^/]*' | head -n 1
done
