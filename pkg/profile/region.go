package profile

import "strings"

// customRegion signs requests to endpoints that have no region of their own, as S3-compatible servers
// expect it.
const customRegion = "us-east-1"

// region is the flag's or profile's, then AWS_REGION, then AWS_DEFAULT_REGION.
func (b *builder) region(p Profile) string {
	region := b.text("region")
	if region == "" {
		region = b.env("region", "AWS_REGION")
	}
	if region == "" {
		region = b.env("region", "AWS_DEFAULT_REGION")
	}
	if region != "" {
		if !validRegion(region) {
			b.fault("region", "%q is not the name of a region", region).Hint = "such as us-east-1"
		}
		return region
	}
	needsSTS := p.Role.ARN != "" && p.Endpoints.STS == ""
	needsS3 := p.Upload.Bucket != "" && p.Endpoints.S3 == ""
	switch {
	case needsSTS:
		b.fault("region", "missing").Hint = "region in the profile, --region or AWS_REGION: STS is asked there"
	case needsS3:
		b.fault("region", "missing").Hint = "region in the profile, --region or AWS_REGION: the one that the bucket is in"
	case p.IdentityPool.ID != "":
		return p.IdentityPool.Region()
	}
	return customRegion
}

// validRegion accepts what AWS's and other servers' regions look like, and nothing that could lead a
// host name astray.
func validRegion(name string) bool {
	return name != "" && len(name) <= 63 && only(name, "-") && strings.Trim(name, "-") == name
}
