package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Options say how a sandbox differs from the one that Start gives. The zero value: not at all.
type Options struct {
	// Users who can sign in beside alice and bob, by name or e-mail address.
	Users []string
	// TokenLife is how long ID and access tokens live, SessionLife credentials, whatever the client asked
	// for; 0 is an hour, and for STS what was asked for.
	TokenLife, SessionLife time.Duration
	// RoleARN is the role to become, in place of the constant RoleARN.
	RoleARN string
	// TrustPolicy and Permissions are that role's, in JSON, in place of the sandbox's own. The identity
	// provider that they name is played by the sandbox's, and what they name as client ID and bucket is
	// what these are called here.
	TrustPolicy, Permissions []byte
	// TLS has every server speak https, with certificates of an authority that is made at the start and
	// good for loopback alone, for a day.
	TLS bool
	// Port is the IdP's; STS, Cognito, S3 and OAuth have the four after it. 0: each has a free one.
	Port int
	// Log hears of each request when it is over, in a line without any secret, below which stands what the
	// policies had to say if they refused it. Several goroutines may call it at once. Nil: nobody hears.
	Log func(text string)
	// Faults are PART:WHAT or PART:WHAT=VALUE, as ListFaults lists them.
	Faults []string
}

// OptionError says which option cannot be as it is given.
type OptionError struct {
	Option string // as a flag is spelled: "trust-policy"
	Err    error
}

// Error names the option and what is wrong.
func (e *OptionError) Error() string { return e.Option + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *OptionError) Unwrap() error { return e.Err }

func optionError(option, format string, values ...any) error {
	return &OptionError{option, fmt.Errorf(format, values...)}
}

// check finds what is wrong before anything listens.
func (o Options) check() error {
	switch {
	case o.TokenLife < 0:
		return optionError("token-life", "%s is no life", o.TokenLife)
	case o.SessionLife < 0:
		return optionError("session-life", "%s is no life", o.SessionLife)
	case o.Port < 0 || o.Port > maxPort-4:
		return optionError("port", "%d is not between 1 and %d: five ports are used from there", o.Port, maxPort-4)
	case o.RoleARN != "" && !isRoleARN(o.RoleARN):
		return optionError("role", "%q is not a role's ARN, such as %s", o.RoleARN, RoleARN)
	}
	for _, user := range o.Users {
		if strings.TrimSpace(user) == "" {
			return &OptionError{"user", errors.New("a user has a name")}
		}
	}
	return nil
}

const maxPort = 65535

// port is that of the server which is so many after the first.
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
