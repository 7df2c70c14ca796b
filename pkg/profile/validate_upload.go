package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// prefixPlaceholders are those that IAM policies can expand too (without session tags, which need a
// chain). What is not of the role is of the pool.
var prefixPlaceholders = []string{"sub", "userid", "identity_id"}

func (b *builder) upload(p Profile) Upload {
	bucket, prefix := b.text("upload.bucket"), b.text("upload.prefix")
	_, prefixSaid := b.settings["upload.prefix"]
	switch {
	case bucket == "" && prefix == "":
		return Upload{}
	case bucket == "":
		b.fault("upload.prefix", "there is a prefix but no bucket")
		return Upload{}
	case prefix == "":
		what := "missing"
		if prefixSaid {
			what = "is empty: that would be the whole bucket"
		}
		b.fault("upload.prefix", "%s", what).Hint = "write one that is each person's own, such as " + ownPrefix(p)
	}
	if !validBucket(bucket) {
		b.fault("upload.bucket", "%q is not the name of a bucket", bucket).Hint = bucketHint(bucket)
	}
	return Upload{Bucket: bucket, Prefix: b.prefix(prefix, p)}
}

// ownPrefix is an example that fits the profile.
func ownPrefix(p Profile) string {
	if p.IdentityPool.ID != "" {
		return "uploads/{identity_id}/"
	}
	return "uploads/{sub}/"
}

func validBucket(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && only(name, ".-") &&
		strings.Trim(name, ".-") == name && !strings.Contains(name, "..")
}

func bucketHint(name string) string {
	switch rest, ok := strings.CutPrefix(name, "s3://"); {
	case ok && strings.Contains(strings.Trim(rest, "/"), "/"):
		return "without s3://, and what follows the first slash belongs into upload.prefix"
	case ok:
		return "without s3://"
	}
	return "3 to 63 lower-case letters, digits, dots and dashes, a letter or digit at both ends"
}

func (b *builder) prefix(text string, p Profile) identity.Template {
	if text == "" || !sanitize.Is(text) { // checkPrintable reports it
		return identity.Template{}
	}
	known := func(name string) bool { return slices.Contains(prefixPlaceholders, name) }
	t, err := identity.ParseTemplate(text, known)
	if err == nil {
		if err = sanitize.CheckPrefix(text); err != nil {
			err = fmt.Errorf("%q %w", text, err)
		}
	}
	if err != nil {
		b.fault("upload.prefix", "%s", err).Hint = "such as " + ownPrefix(p) + "; there are {sub} and {userid} of a role and {identity_id} of a pool"
		return t
	}
	for _, name := range t.Placeholders() {
		switch ofPool := name == "identity_id"; {
		case ofPool && p.IdentityPool.ID == "":
			b.fault("upload.prefix", "{%s} needs an identity pool", name).Hint = "a role has {sub} and {userid}"
		case !ofPool && p.Role.ARN == "":
			b.fault("upload.prefix", "{%s} needs a role", name).Hint = "an identity pool has {identity_id}"
		}
	}
	return t
}
