//go:build integration

package integration

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	bucket     = "photos"
	policyName = "own-prefix"
	rootUser   = "ci-root"
	rootSecret = "ci-root-secret"
	region     = "us-east-1"
)

// ownPrefix allows each person to read and write under the prefix of their own subject only.
const ownPrefix = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
	 "Resource": "arn:aws:s3:::` + bucket + `/uploads/${jwt:sub}/*"},
	{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::` + bucket + `",
	 "Condition": {"StringLike": {"s3:prefix": "uploads/${jwt:sub}/*"}}}]}`

// objectStore is a MinIO, with STS and S3 at one URL.
type objectStore struct {
	url    string
	sts    *recorder // the same server behind a recorder, for STS
	config string    // mc's configuration directory
	server *server
}

// startMinIO starts MinIO with the own-prefix policy for the people of each issuer.
func startMinIO(root string, issuers ...*issuer) (*objectStore, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &objectStore{url: "http://" + address, config: filepath.Join(root, "mc")}
	cmd := exec.Command("minio", "server", filepath.Join(root, "minio"), "--address", address)
	cmd.Env = []string{
		"HOME=" + root, "PATH=" + os.Getenv("PATH"), "MINIO_ROOT_USER=" + rootUser, "MINIO_ROOT_PASSWORD=" + rootSecret,
		"MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CI_CD=1", // without MINIO_REGION, which would be part of the role ARNs
	}
	for i, d := range issuers {
		cmd.Env = append(cmd.Env, openID(d, i)...)
	}
	s.server, err = startServer(cmd, filepath.Join(root, "minio.log"), func() bool {
		return answers(s.url+"/minio/health/ready") && s.asRoot(nil, "ls", "root").ok()
	})
	if err != nil {
		return nil, err
	}
	if err = s.prepare(root); err == nil {
		s.sts, err = startRecorder(address, "/", ofKeys)
	}
	if err != nil {
		s.server.stop()
		return nil, err
	}
	return s, nil
}

// openID returns MinIO's settings for one provider. From the second provider on they have a suffix.
func openID(d *issuer, number int) []string {
	suffix := ""
	if number > 0 {
		suffix = fmt.Sprintf("_P%d", number)
	}
	set := func(name, value string) string { return "MINIO_IDENTITY_OPENID_" + name + suffix + "=" + value }
	return []string{
		set("CONFIG_URL", d.url+"/.well-known/openid-configuration"), set("CLIENT_ID", d.clientID),
		set("SCOPES", "openid"), set("ROLE_POLICY", policyName),
	}
}

// roleARN returns the ARN that MinIO derives for the role of a provider's people.
func roleARN(d *issuer) string {
	sum := sha1.Sum([]byte(d.clientID))
	return "arn:minio:iam:::role/" + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *objectStore) prepare(root string) error {
	policy := filepath.Join(root, "policy.json")
	if err := os.WriteFile(policy, []byte(ownPrefix), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"mb", "root/" + bucket},
		{"admin", "policy", "create", "root", policyName, policy},
	} {
		if r := s.asRoot(nil, args...); !r.ok() {
			return fmt.Errorf("mc %v: %s", args, r)
		}
	}
	return nil
}

// asRoot runs mc with all permissions, under the alias root.
func (s *objectStore) asRoot(stdin []byte, args ...string) result {
	return s.mc("root", rootUser+":"+rootSecret, stdin, args...)
}

// mc runs MinIO's client with that alias for the store, and with credentials of the form ACCESS:SECRET[:SESSION-TOKEN].
func (s *objectStore) mc(alias, credentials string, stdin []byte, args ...string) result {
	cmd := exec.Command("mc", append([]string{"--config-dir", s.config, "--no-color"}, args...)...)
	host := strings.Replace(s.url, "://", "://"+credentials+"@", 1)
	cmd.Env = []string{"HOME=" + s.config, "PATH=" + os.Getenv("PATH"), "MC_HOST_" + alias + "=" + host}
	cmd.Stdin = bytes.NewReader(stdin)
	return run(cmd)
}

// object reads an object as root.
func (s *objectStore) object(key string) result {
	return s.asRoot(nil, "cat", "root/"+bucket+"/"+key)
}
