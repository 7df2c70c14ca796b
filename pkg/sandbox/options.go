package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Options change the sandbox that Start starts. The zero value changes nothing.
type Options struct {
	// Users are added to alice and bob, by name or email address.
	Users []string
	// TokenLife is the lifetime of ID and access tokens, SessionLife that of credentials, whatever the client
	// requests. 0 means an hour; for credentials of STS, what was requested.
	TokenLife, SessionLife time.Duration
	// RoleARN replaces the default role, the constant RoleARN.
	RoleARN string
	// TrustPolicy and Permissions replace that role's policies, in JSON. The sandbox's identity provider plays the
	// one that they name, and the client and the bucket get the names that they use.
	TrustPolicy, Permissions []byte
	// TLS makes every server use https, with certificates of a new authority that is valid only for loopback and for
	// a day.
	TLS bool
	// Port is the IdP's port; STS, Cognito, S3 and OAuth get the four after it. 0 means free ports.
	Port int
	// Log is called after each request, with a line that contains no secret. If policies refused the request, their
	// explanation follows it, line by line. Log may be called by several goroutines at once. It may be nil.
	Log func(text string)
	// Faults are PART:WHAT or PART:WHAT=VALUE, as ListFaults lists them.
	Faults []string
}

// OptionError is returned for an invalid option.
type OptionError struct {
	Option string // spelled like the flag: "trust-policy"
	Err    error
}

// Error returns the option and what is wrong with it.
func (e *OptionError) Error() string { return e.Option + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *OptionError) Unwrap() error { return e.Err }

func optionError(option, format string, values ...any) error {
	return &OptionError{option, fmt.Errorf(format, values...)}
}

// check validates the options before any server starts.
func (o Options) check() error {
	switch {
	case o.TokenLife < 0:
		return optionError("token-life", "%s is not a valid lifetime", o.TokenLife)
	case o.SessionLife < 0:
		return optionError("session-life", "%s is not a valid lifetime", o.SessionLife)
	case o.Port < 0 || o.Port > maxPort-4:
		return optionError("port", "%d is not between 1 and %d: the sandbox uses five ports from there", o.Port, maxPort-4)
	case o.RoleARN != "" && !isRoleARN(o.RoleARN):
		return optionError("role", "%q is not a role's ARN, such as %s", o.RoleARN, RoleARN)
	}
	for _, user := range o.Users {
		if strings.TrimSpace(user) == "" {
			return &OptionError{"user", errors.New("a user needs a name")}
		}
	}
	return nil
}

const maxPort = 65535

// port returns the port of the n-th server after the first.
func (o Options) port(after int) int {
	if o.Port == 0 {
		return 0
	}
	return o.Port + after
}

// isRoleARN reports whether it is arn:PARTITION:iam::ACCOUNT:role/NAME.
func isRoleARN(arn string) bool {
	fields := strings.SplitN(arn, ":", 6)
	return len(fields) == 6 && fields[0] == "arn" && fields[1] != "" && fields[2] == "iam" && fields[3] == "" &&
		len(fields[4]) == 12 && strings.Trim(fields[4], "0123456789") == "" &&
		strings.HasPrefix(fields[5], "role/") && !strings.HasSuffix(fields[5], "/")
}
