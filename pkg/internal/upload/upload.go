// Package upload answers: how do files become objects under the user's own prefix?
//
// Plan and Key name the objects, and no key leaves the prefix. An Uploader sends the files through the
// SDK's transfer manager, large ones in parts.
package upload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// Uploader sends files to one prefix of one bucket. Set its fields before the first Upload; its methods
// may be called at the same time, and it must not be copied.
type Uploader struct {
	Bucket string
	// Prefix is the expanded prefix, such as credential.Credential.Prefix returns; it ends in "/".
	Prefix string
	// Credentials is asked before the first request, and again whenever what it gave is about to expire.
	Credentials func(context.Context) (credential.Credential, error)
	awsclient.Options
	// PathStyle puts the bucket's name into the URL's path instead of its host.
	PathStyle bool
	// ChecksumWhenRequired leaves out the CRC32 that the SDK sends by default, for servers that do not know
	// it; with it S3 verifies what arrived.
	ChecksumWhenRequired bool
	// Warn is told once if the server at Endpoint does not confirm what it stored; nil ignores that. At AWS it is an
	// error.
	Warn func(error)

	building sync.Once
	client   *s3.Client
	warned   sync.Once
}

// Object is what a file became.
type Object struct {
	// URL is s3://BUCKET/KEY.
	URL         string
	Bucket, Key string
	// Size is in bytes.
	Size        int64
	ContentType string
	// ETag is as S3 gives it, quotes included; VersionID is "" in a bucket without versions.
	ETag, VersionID string
}

// Upload sends one file and replaces the object of its key. A file that changes meanwhile becomes no
// object (ErrChanged), and a transfer that fails, or whose context ends, leaves no parts behind where the
// server can still be told within 15 seconds. Every error is an *Error.
func (u *Uploader) Upload(ctx context.Context, file File) (Object, error) {
	object := Object{URL: "s3://" + u.Bucket + "/" + file.Key, Bucket: u.Bucket, Key: file.Key}
	if err := u.send(ctx, file, &object); err != nil {
		return Object{}, newError(file, object.URL, interrupted(ctx, err))
	}
	return object, nil
}

// interrupted puts the end of the context first: the SDK's account of it adds nothing, and an abort that
// failed, which leaves parts behind and so is told, would hide why there was one.
func interrupted(ctx context.Context, err error) error {
	done := ctx.Err()
	switch {
	case done == nil:
		return err
	case errors.Is(err, done):
		return done
	}
	return fmt.Errorf("%w: %w", done, err)
}

func (u *Uploader) send(ctx context.Context, file File, object *Object) error {
	if err := u.check(file.Key); err != nil {
		return err
	}
	content, err := open(file.Path)
	if err != nil {
		return err
	}
	defer content.Close()
	if object.ContentType, err = content.contentType(); err != nil {
		return err
	}
	object.Size = content.size()
	u.building.Do(func() { u.client = u.newClient() })
	checked := &checkedS3{S3APIClient: u.client, file: content, atAWS: u.Endpoint == ""}
	answer, err := u.transfers(checked).UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket:        aws.String(u.Bucket),
		Key:           aws.String(file.Key),
		Body:          content,
		ContentLength: aws.Int64(object.Size),
		ContentType:   aws.String(object.ContentType),
	})
	if err == nil {
		err = checked.incomplete
	}
	if err != nil {
		return err
	}
	object.ETag, object.VersionID = aws.ToString(answer.ETag), aws.ToString(answer.VersionID)
	if checked.unconfirmed.Load() {
		return u.checkSize(ctx, file.Key, object)
	}
	return nil
}

// check holds a File that Plan did not make to the same rules.
func (u *Uploader) check(key string) error {
	if u.Bucket == "" {
		return errors.New("there is no bucket")
	}
	name, under := strings.CutPrefix(key, u.Prefix)
	if !under {
		return fmt.Errorf("the key is not under the prefix %q", u.Prefix)
	}
	_, err := Key(u.Prefix, name)
	return err
}
