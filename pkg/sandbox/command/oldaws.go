package command

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// serviceVariables are the services of the sandbox, by the AWS CLI's names, with the ends of their variables.
var serviceVariables = map[string]string{"sts": "STS", "s3": "S3", "s3api": "S3", "cognito-identity": "COGNITO_IDENTITY"}

// oldAWSError says that the AWS CLI would leave the machine: it does not read AWS_ENDPOINT_URL_….
type oldAWSError struct {
	version string
	line    string // what to run in its place; "" where the sandbox does not have the service
}

// Error gives the line that works, if there is one.
func (e *oldAWSError) Error() string {
	text := e.version + " does not read AWS_ENDPOINT_URL_… and would call the real AWS; it was not run"
	if e.line == "" {
		return text + "\n  try  a service that the sandbox has (sts, s3, cognito-identity), with --endpoint-url"
	}
	return text + "\n  try  " + e.line
}

// checkAWS refuses to run an AWS CLI that would leave the machine. Other commands pass, as does an AWS CLI that is
// told an endpoint.
func (c *cloud) checkAWS(args []string) error {
	if strings.TrimSuffix(filepath.Base(args[0]), ".exe") != "aws" || !callsDefaultEndpoint(args[1:]) {
		return nil
	}
	cmd := exec.Command(args[0], "--version")
	cmd.Env = c.environment()
	out, err := cmd.CombinedOutput() // version 1 prints it on stderr
	version := oldVersion(string(out))
	if err != nil || version == "" {
		return nil
	}
	for _, arg := range args[1:] {
		if end := serviceVariables[arg]; end != "" {
			inner := shown(args[:1]) + ` --endpoint-url "$AWS_ENDPOINT_URL_` + end + `" ` + shown(args[1:])
			outer := slices.Concat([]string{"daypass-sandbox"}, c.tool.args[:len(c.tool.args)-len(args)], []string{"sh", "-c", inner})
			return &oldAWSError{version, shown(outer)}
		}
	}
	return &oldAWSError{version: version}
}

// callsDefaultEndpoint reports whether an AWS CLI with these arguments calls the endpoint that it knows by itself.
func callsDefaultEndpoint(args []string) bool {
	service := false
	for _, arg := range args {
		if arg == "--endpoint-url" || strings.HasPrefix(arg, "--endpoint-url=") {
			return false
		}
		service = service || serviceVariables[arg] != ""
	}
	local := len(args) == 0 || args[len(args)-1] == "help" || args[len(args)-1] == "--version" || !service && slices.Contains(args, "configure")
	return !local
}

var awsVersion = regexp.MustCompile(`aws-cli/(\d+)\.(\d+)\.\d+`)

// oldVersion returns the version that is too old: service-specific endpoints came with 1.29.0 and 2.13.0
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). "" is new enough, or none at all.
func oldVersion(text string) string {
	found := awsVersion.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	major, _ := strconv.Atoi(found[1])
	minor, _ := strconv.Atoi(found[2])
	if major == 1 && minor < 29 || major == 2 && minor < 13 {
		return found[0]
	}
	return ""
}
