package command

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// serviceVariables maps the AWS CLI's names of the sandbox's services to the ends of their endpoint variables.
var serviceVariables = map[string]string{"sts": "STS", "s3": "S3", "s3api": "S3", "cognito-identity": "COGNITO_IDENTITY"}

// oldAWSError says that this AWS CLI would call the real AWS, because it does not read AWS_ENDPOINT_URL_….
type oldAWSError struct {
	version string
	line    string // the command to run instead; "" if the sandbox does not have the service
}

// Error implements error. It names the command that works, if there is one.
func (e *oldAWSError) Error() string {
	text := e.version + " does not read AWS_ENDPOINT_URL_… and would call the real AWS; it was not run"
	if e.line == "" {
		return text + "\n  try  a service that the sandbox has (sts, s3, cognito-identity), with --endpoint-url"
	}
	return text + "\n  try  " + e.line
}

// checkAWS refuses to run an AWS CLI that would call the real AWS. It accepts other commands, and an AWS CLI with an
// explicit endpoint.
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

// callsDefaultEndpoint reports whether an AWS CLI with these arguments calls its default endpoint.
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

// oldVersion returns the version if it is too old: service-specific endpoints came with 1.29.0 and 2.13.0
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). It returns "" for newer versions, and
// if there is no version in the text.
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
