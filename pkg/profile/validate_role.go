package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/identity"
)

// Limits of AssumeRoleWithWebIdentity (STS API Reference).
const (
	minDuration    = 15 * time.Minute
	maxDuration    = 12 * time.Hour
	maxPolicyChars = 2048
	maxPolicyARNs  = 10
	minARN, maxARN = 20, 2048
)

func (b *builder) role() Role {
	return Role{
		ARN: b.roleARN(), SessionName: b.sessionName(), Duration: b.duration(),
		Policy: b.policy(), PolicyARNs: b.policyARNs(),
	}
}

func (b *builder) roleARN() string {
	arn := b.text("role.arn")
	if arn == "" {
		return ""
	}
	if err := checkARN(arn, "role"); err != nil {
		b.errorf("role.arn", "%q is not the ARN of a role: %s", arn, err).Hint = "such as arn:aws:iam::111122223333:role/NAME"
	}
	return arn
}

// checkARN checks arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND/NAME. The account is checked only in AWS's partitions: MinIO's
// arn:minio:iam:::role/… has none.
func checkARN(arn, kind string) error {
	if strings.ContainsFunc(arn, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("it has a space or another character that is not allowed in an ARN")
	}
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 || f[0] != "arn" {
		return fmt.Errorf("the form is arn:PARTITION:SERVICE:REGION:ACCOUNT:%s/NAME", kind)
	}
	if len(arn) < minARN || len(arn) > maxARN {
		return fmt.Errorf("it is %d characters long, not %d to %d", len(arn), minARN, maxARN)
	}
	partition, service, account, resource := f[1], f[2], f[4], f[5]
	if partition == "" || service == "" {
		return errors.New("the partition or the service is empty")
	}
	if is, name, _ := strings.Cut(resource, "/"); is != kind {
		return fmt.Errorf("it names %q, not a %s", is, kind)
	} else if name == "" || strings.HasSuffix(name, "/") {
		return fmt.Errorf("the %s has no name", kind)
	}
	if partition != "aws" && !strings.HasPrefix(partition, "aws-") {
		return nil
	}
	return checkAWSAccount(service, f[3], account, kind)
}

func checkAWSAccount(service, region, account, kind string) error {
	managed := kind == "policy" && account == "aws"
	switch {
	case service != "iam":
		return fmt.Errorf("the service is %q, not \"iam\"", service)
	case region != "":
		return fmt.Errorf("the region is %q: IAM has none", region)
	case !managed && (len(account) != 12 || !digits(account)):
		return fmt.Errorf("the account is %q, not 12 digits", account)
	}
	return nil
}

func (b *builder) sessionName() identity.Template {
	t, err := identity.ParseTemplate(b.text("role.session_name"), identity.IsSessionPlaceholder)
	if err != nil {
		b.errorf("role.session_name", "%s", err).Hint = "the placeholders are {sub}, {email} and {claim:NAME}"
	}
	return t
}

func (b *builder) duration() time.Duration {
	text := b.text("role.duration")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		b.errorf("role.duration", "%q is not a duration", text).Hint = "such as 1h or 90m"
	case d%time.Second != 0:
		b.errorf("role.duration", "%q is not in whole seconds", text)
	case d < minDuration || d > maxDuration:
		b.errorf("role.duration", "%q is not between 15m and 12h", text)
	}
	return d
}

// policy returns the session policy, which may be in a file.
func (b *builder) policy() string {
	text, file := b.text("role.policy"), b.text("role.policy_file")
	key := "role.policy"
	if text != "" && file != "" {
		b.errorf("role.policy_file", "policy is also set: use one of the two")
		return ""
	}
	if file != "" {
		key = "role.policy_file"
		content, exposed, err := ReadTrusted(b.source.resolve(file, b.origins[key]), maxFileBytes)
		if err != nil {
			b.errorf(key, "%s", err)
			return ""
		}
		b.warn(exposed)
		text = strings.TrimSpace(string(content))
	}
	switch chars := utf8.RuneCountInString(text); {
	case text == "" && file == "":
	case !json.Valid([]byte(text)) || !strings.HasPrefix(strings.TrimSpace(text), "{"):
		b.errorf(key, "the session policy is not a JSON object")
	case chars > maxPolicyChars:
		b.errorf(key, "the session policy has %d characters, STS accepts at most %d", chars, maxPolicyChars)
	}
	return text
}

func (b *builder) policyARNs() []string {
	arns := b.settings.list("role.policy_arns")
	if len(arns) > maxPolicyARNs {
		b.errorf("role.policy_arns", "%d policies, STS accepts at most %d", len(arns), maxPolicyARNs)
	}
	for _, arn := range arns {
		if err := checkARN(arn, "policy"); err != nil {
			b.errorf("role.policy_arns", "%q is not the ARN of a policy: %s", arn, err).Hint = "such as arn:aws:iam::aws:policy/NAME"
		}
	}
	return arns
}
