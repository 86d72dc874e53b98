/* Draws a photo anew at a sensible size, so that what leaves the device has no place, no device and
   no hidden bytes in it. The server re-encodes once more. */
const MAX_SIDE_PX = 2048
const QUALITY = 0.85

export async function photo_encode(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => blob ? done(blob) : fail(new Error('photo')), 'image/jpeg', QUALITY))
}
