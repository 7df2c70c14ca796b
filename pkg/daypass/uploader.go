package daypass

import (
	"context"
	"errors"

	"github.com/daypass/daypass/pkg/internal/upload"
	"github.com/daypass/daypass/pkg/profile"
)

// Uploader uploads files under the S3 prefix that belongs to the client's holder alone. Its methods may be called at
// the same time.
type Uploader struct {
	inner   *upload.Uploader
	profile profile.Profile
}

// Object is an uploaded file.
type Object struct {
	// URL is s3://BUCKET/KEY.
	URL         string
	Bucket, Key string
	// Size is in bytes.
	Size        int64
	ContentType string
	// ETag is as S3 returns it, with its quotes; VersionID is "" in a bucket without versions.
	ETag, VersionID string
}

// Uploader returns an uploader to the profile's bucket (upload.bucket and upload.prefix). It gets a credential first,
// because the prefix is the holder's according to AWS.
func (c *Client) Uploader(ctx context.Context) (*Uploader, error) {
	p := c.profile
	if p.Upload.Bucket == "" {
		return nil, &Error{p, errors.New("the profile names no bucket to upload to")}
	}
	got, err := c.Credential(ctx)
	if err != nil {
		return nil, err
	}
	prefix, err := got.Prefix(p.Upload.Prefix)
	if err != nil {
		return nil, &Error{p, err}
	}
	return &Uploader{profile: p, inner: &upload.Uploader{
		Bucket: p.Upload.Bucket, Prefix: prefix, Credentials: c.broker.Credential,
		Options:   awsOptions(p, c.options, p.Endpoints.S3, httpClient(p, c.options.step(), nil)),
		PathStyle: p.Endpoints.PathStyle, ChecksumWhenRequired: p.Endpoints.S3 != "", Warn: c.options.warn,
	}}, nil
}

// Prefix is the holder's prefix; it ends in "/".
func (u *Uploader) Prefix() string { return u.inner.Prefix }

// Upload uploads the file at path to the key, which must be under Prefix, and replaces an object that is there. A file
// that changes meanwhile is not uploaded, and a failed transfer leaves no parts behind as far as S3 can be told within 15
// seconds.
func (u *Uploader) Upload(ctx context.Context, path, key string) (Object, error) {
	object, err := u.inner.Upload(ctx, upload.File{Path: path, Key: key})
	if err != nil {
		err = &Error{u.profile, err}
	}
	return Object(object), err
}
