package profile

import "strings"

// customRegion is the region for custom endpoints if none is set, as S3-compatible servers expect it.
const customRegion = "us-east-1"

// region returns the region of the flag or the profile, then of AWS_REGION, then of AWS_DEFAULT_REGION.
func (b *builder) region(p Profile) string {
	region := b.text("region")
	if region == "" {
		region = b.env("region", "AWS_REGION")
	}
	if region == "" {
		region = b.env("region", "AWS_DEFAULT_REGION")
	}
	needsSTS := p.Role.ARN != "" && p.Endpoints.STS == ""
	needsS3 := p.Upload.Bucket != "" && p.Endpoints.S3 == ""
	needsCognito := p.IdentityPool.ID != "" && p.Endpoints.CognitoIdentity == ""
	switch {
	case region != "":
		isAWS := needsSTS || needsS3 || needsCognito
		if !validRegion(region) || isAWS && !awsRegion(region) {
			b.errorf("region", "%q is not the name of a region", region).Hint = "such as us-east-1"
		}
		return region
	case needsSTS:
		b.errorf("region", "missing").Hint = "set region in the profile, --region or AWS_REGION: the region of the STS endpoint"
	case needsS3:
		b.errorf("region", "missing").Hint = "set region in the profile, --region or AWS_REGION: the region of the bucket"
	case p.IdentityPool.ID != "":
		return p.IdentityPool.Region()
	}
	return customRegion
}

// awsRegion reports whether a name has the form of AWS's regions, xx-xxxx-N, or of a whole partition, such as aws-global.
// There is no list of regions, because it changes often.
func awsRegion(name string) bool {
	parts := strings.Split(name, "-")
	last := parts[len(parts)-1]
	if parts[0] == "aws" {
		return last == "global"
	}
	return len(parts) >= 3 && len(parts[0]) >= 2 && only(parts[0], "") && last != "" && digits(last)
}

// validRegion accepts the regions of AWS and other servers, and nothing that would change the meaning of a host name.
func validRegion(name string) bool {
	return name != "" && len(name) <= 63 && only(name, "-") && strings.Trim(name, "-") == name
}
