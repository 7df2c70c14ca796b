package sandbox

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// Role is an IAM role.
type Role struct {
	ARN string
	// Trust says who may assume it; policy.ParseTrust reads one. With none Issuer, Audiences and
	// Subjects write it.
	Trust policy.Document
	// Permissions are its identity-based policies. With none its sessions may do nothing.
	Permissions []policy.Document
	MaxDuration time.Duration // 0 means an hour, as in IAM

	Issuer    string   // the one OIDC provider it trusts, by URL
	Audiences []string // client IDs of that provider
	Subjects  []string // who may; empty means everybody
}

// trust is the role's trust policy.
func (r Role) trust() policy.Document {
	if len(r.Trust.Statements) == 0 && r.Issuer != "" {
		return documentOf(trustIssuer(r.ARN, r.Issuer, r.Audiences, r.Subjects...))
	}
	return r.Trust
}

func (r Role) maxDuration() time.Duration {
	if r.MaxDuration == 0 {
		return time.Hour
	}
	return r.MaxDuration
}

// roleID is the role's unique ID, AROA and 17 more, the same for the same ARN.
func roleID(roleARN string) string {
	sum := sha256.Sum256([]byte(roleARN))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
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

// accountOf is the account's number in an ARN, or "".
func accountOf(arn string) string { return arnField(arn, 4) }

// partitionOf is "aws", "aws-cn", … or "".
func partitionOf(arn string) string { return arnField(arn, 1) }

func arnField(arn string, n int) string {
	if fields := strings.SplitN(arn, ":", 6); len(fields) == 6 {
		return fields[n]
	}
	return ""
}

// builtInProviders need no IAM OIDC provider: trust policies name them as they are, and STS leaves
// their audience to the trust policy (AWS guide, id_roles_providers_create_oidc).
var builtInProviders = []string{"accounts.google.com", "cognito-identity.amazonaws.com", facebook, loginWithAmazon}

// federatedPrincipal is what a trust policy calls a provider: its name if it is built in, else the ARN
// of the IAM OIDC provider in the role's account. AWS knows no issuer with a port; ours have one, and
// keep it.
func federatedPrincipal(roleARN, issuer string) string {
	name := providerName(issuer)
	if slices.Contains(builtInProviders, name) {
		return name
	}
	return "arn:" + partitionOf(roleARN) + ":iam::" + accountOf(roleARN) + ":oidc-provider/" + name
}

// providerName is the issuer without its scheme: HOST[:PORT][/path], the prefix of its condition keys.
func providerName(issuer string) string {
	if _, name, ok := strings.Cut(issuer, "://"); ok {
		return name
	}
	return issuer
}
