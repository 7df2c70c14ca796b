//go:build integration

package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forRclone is a permission policy for users of Debian's rclone. It sends an ACL with every object, whatever its
// settings (github.com/rclone/rclone/issues/6413). That requires s3:PutObjectAcl, and since April 2023 buckets accept
// only this ACL by default.
const forRclone = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
	 "Resource": "arn:aws:s3:::photos/uploads/${idp.example.com:sub}/*"},
	{"Effect": "Allow", "Action": "s3:PutObjectAcl", "Resource": "arn:aws:s3:::photos/uploads/${idp.example.com:sub}/*",
	 "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::photos",
	 "Condition": {"StringLike": {"s3:prefix": "uploads/${idp.example.com:sub}/*"}}}]}`

// rclone copies small files at once and a big one in parts.
func TestRcloneKeepsATree(t *testing.T) {
	const files = 200
	policy := filepath.Join(t.TempDir(), "permissions.json")
	if err := os.WriteFile(policy, []byte(forRclone), 0o600); err != nil {
		t.Fatal(err)
	}
	overBoth(t, func(c *cloud) {
		for i := range files {
			c.write(fmt.Sprintf("tree/%d/small ü %d.txt", i%7, i), fmt.Sprintf("small file %d", i))
		}
		c.must(os.WriteFile(c.path("tree/big.bin"), bytesOf(30<<20), 0o600))
		keys, prefix := c.keys(), c.prefixOf("alice")
		remote := "sandbox:" + bucket + "/" + prefix + "tree"
		c.rclone(keys, "copy", c.path("tree"), remote)
		c.rclone(keys, "check", "--download", c.path("tree"), remote)
		c.wantLogged("UploadPart")
		if got := strings.Count(c.rclone(keys, "lsf", "--recursive", "--files-only", remote), "\n"); got != files+1 {
			c.t.Errorf("rclone lists %d files, want %d", got, files+1)
		}
		c.rclone(keys, "delete", remote)
		if left := c.rclone(keys, "lsf", "--recursive", "sandbox:"+bucket+"/"+prefix); left != "" {
			c.t.Errorf("after deleting all, rclone lists %q", left)
		}
		if r := c.tryRclone(keys, "lsf", "sandbox:"+bucket+"/"+c.prefixOf("bob")); r.ok() || !strings.Contains(r.stderr, "AccessDenied") {
			c.t.Errorf("rclone lists another user's prefix: %s", r)
		}
	}, "--permissions", policy)
}

func (c *cloud) rclone(keys []string, args ...string) string {
	c.t.Helper()
	r := c.tryRclone(keys, args...)
	if !r.ok() {
		c.t.Fatalf("rclone %s: %s", strings.Join(args, " "), r)
	}
	return r.stdout
}

// tryRclone runs rclone with keys from the environment. By default it would create the bucket, which the role may
// not. It has its own setting for the CA bundle: with AWS_CA_BUNDLE it refuses to start.
func (c *cloud) tryRclone(keys []string, args ...string) result {
	set := []string{
		"RCLONE_CONFIG=" + c.path("no-rclone.conf"), "RCLONE_RETRIES=1", "RCLONE_TRANSFERS=8", "RCLONE_CHECKERS=8",
		"RCLONE_CONFIG_SANDBOX_TYPE=s3", "RCLONE_CONFIG_SANDBOX_PROVIDER=Other", "RCLONE_CONFIG_SANDBOX_ENV_AUTH=true",
		"RCLONE_CONFIG_SANDBOX_ENDPOINT=" + c.variables["AWS_ENDPOINT_URL_S3"], "RCLONE_CONFIG_SANDBOX_REGION=" + c.variables["AWS_REGION"],
		"RCLONE_CONFIG_SANDBOX_NO_CHECK_BUCKET=true", "RCLONE_CONFIG_SANDBOX_ACL=bucket-owner-full-control",
		"RCLONE_CONFIG_SANDBOX_UPLOAD_CUTOFF=10M",
		"RCLONE_CA_CERT=" + c.variables["AWS_CA_BUNDLE"], "AWS_CA_BUNDLE=",
	}
	return c.in(append(keys[:len(keys):len(keys)], set...), "rclone", args...)
}
