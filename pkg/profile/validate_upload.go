package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// prefixPlaceholders have a corresponding variable in IAM policies: the first two for a role, the last for a pool.
var prefixPlaceholders = []string{"sub", "userid", "identity_id"}

func (b *builder) upload(p Profile) Upload {
	bucket, prefix := b.text("upload.bucket"), b.text("upload.prefix")
	_, prefixSaid := b.settings["upload.prefix"]
	switch {
	case bucket == "" && prefix == "":
		return Upload{}
	case bucket == "":
		b.errorf("upload.prefix", "there is a prefix but no bucket")
		return Upload{}
	case prefix == "":
		what := "missing"
		if prefixSaid {
			what = "is empty, which would be the whole bucket"
		}
		b.errorf("upload.prefix", "%s", what).Hint = "use a prefix that is different for each person, such as " + ownPrefix(p)
	}
	if !validBucket(bucket) {
		b.errorf("upload.bucket", "%q is not the name of a bucket", bucket).Hint = bucketHint(bucket)
	}
	return Upload{Bucket: bucket, Prefix: b.prefix(prefix, p)}
}

// ownPrefix returns an example for the profile.
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
		return "remove s3://, and move what follows the first slash to upload.prefix"
	case ok:
		return "remove s3://"
	}
	return "a name has 3 to 63 lower-case letters, digits, dots and dashes, with a letter or digit at both ends"
}

func (b *builder) prefix(text string, p Profile) identity.Template {
	if text == "" || !sanitize.IsClean(text) { // checkPrintable reports it
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
		b.errorf("upload.prefix", "%s", err).Hint = "such as " + ownPrefix(p) + "; the placeholders are {sub} and {userid} for a role and {identity_id} for a pool"
		return t
	}
	for _, name := range t.Placeholders() {
		switch forPool := name == "identity_id"; {
		case forPool && p.IdentityPool.ID == "":
			b.errorf("upload.prefix", "{%s} needs an identity pool", name).Hint = "a role has {sub} and {userid}"
		case !forPool && p.Role.ARN == "":
			b.errorf("upload.prefix", "{%s} needs a role", name).Hint = "an identity pool has {identity_id}"
		}
	}
	return t
}
