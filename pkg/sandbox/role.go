package sandbox

import (
	"slices"
	"strings"
	"time"
)

// Role is an IAM role with its trust in one issuer.
type Role struct {
	ARN         string
	Issuer      string
	Audiences   []string
	Subjects    []string      // who may; empty means everybody
	MaxDuration time.Duration // 0 means an hour, as in IAM
}

// trusts is the role's trust policy.
func (r Role) trusts(w webIdentity) bool {
	return r.Issuer == w.Issuer && slices.Contains(r.Audiences, w.Audience) &&
		(len(r.Subjects) == 0 || slices.Contains(r.Subjects, w.Subject))
}

func (r Role) maxDuration() time.Duration {
	if r.MaxDuration == 0 {
		return time.Hour
	}
	return r.MaxDuration
}

// assumedARN is the principal's ARN of a session of the role.
func assumedARN(roleARN, sessionName string) string {
	fields := strings.SplitN(roleARN, ":", 6)
	if len(fields) < 6 {
		return ""
	}
	name := fields[5][strings.LastIndex(fields[5], "/")+1:] // the path of a role is not part of it
	return strings.Join([]string{"arn", fields[1], "sts", "", fields[4], "assumed-role/" + name + "/" + sessionName}, ":")
}
