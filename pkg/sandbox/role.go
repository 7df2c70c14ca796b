package sandbox

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

// Role is an IAM role of the sandbox's STS.
type Role struct {
	ARN string
	// Trust is the role's trust policy; policy.ParseTrust parses one. If it has no statements, one is made of Issuer,
	// Audiences and Subjects.
	Trust policy.Document
	// Permissions are its identity-based policies. If there are none, its sessions may do nothing.
	Permissions []policy.Document
	MaxDuration time.Duration // longest session; 0 means an hour, as in IAM

	Issuer    string   // URL of the one OIDC provider that it trusts
	Audiences []string // the accepted client IDs of that provider
	Subjects  []string // the accepted subjects; empty means all
}

// trust returns the role's trust policy.
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

// roleID returns the role's unique ID: AROA and 17 characters derived from the ARN.
func roleID(roleARN string) string {
	sum := sha256.Sum256([]byte(roleARN))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// assumedARN returns the principal ARN of a session of the role.
func assumedARN(roleARN, sessionName string) string {
	fields := strings.SplitN(roleARN, ":", 6)
	if len(fields) < 6 {
		return ""
	}
	name := fields[5][strings.LastIndex(fields[5], "/")+1:] // without the role's path
	return strings.Join([]string{"arn", fields[1], "sts", "", fields[4], "assumed-role/" + name + "/" + sessionName}, ":")
}

// accountOf returns the account number of an ARN, or "".
func accountOf(arn string) string { return arnField(arn, 4) }

// partitionOf returns "aws", "aws-cn", … or "".
func partitionOf(arn string) string { return arnField(arn, 1) }

func arnField(arn string, n int) string {
	if fields := strings.SplitN(arn, ":", 6); len(fields) == 6 {
		return fields[n]
	}
	return ""
}

// builtInProviders need no IAM OIDC provider: trust policies name them directly, and STS leaves their audience to the
// trust policy (AWS guide, id_roles_providers_create_oidc).
var builtInProviders = []string{"accounts.google.com", "cognito-identity.amazonaws.com", facebook, loginWithAmazon}

// federatedPrincipal returns the name of a provider in a trust policy: its host if it is built in, else the ARN of
// the IAM OIDC provider in the role's account. AWS has no issuers with a port; the sandbox's have one, which is part
// of the name.
func federatedPrincipal(roleARN, issuer string) string {
	name := providerName(issuer)
	if slices.Contains(builtInProviders, name) {
		return name
	}
	return "arn:" + partitionOf(roleARN) + ":iam::" + accountOf(roleARN) + ":oidc-provider/" + name
}

// providerName returns the issuer without its scheme, HOST[:PORT][/PATH], which is the prefix of its condition keys.
func providerName(issuer string) string {
	if _, name, ok := strings.Cut(issuer, "://"); ok {
		return name
	}
	return issuer
}
