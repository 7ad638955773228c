import { NotFound, skuSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, PreconditionFailed, type Reply, Roles, SignedIn, checkIfMatch, etagOf, fitsIfNoneMatch } from '@banyan/kernel/http';
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListProducts, productPageSchema, productQuerySchema } from './list-products.js';
import { type Offer, offerSchema, type Product, productSchema, type VersionedProduct } from './product.js';
import { PutProduct } from './put-product.js';
import { ReadProduct } from './read-product.js';

const skuParam = z.strictObject({ sku: skuSchema });

@Controller('v1/products')
@ApiTags('catalog')
@SignedIn()
export class ProductsController {
  constructor(
    private readonly listProducts: ListProducts,
    private readonly readProduct: ReadProduct,
    private readonly putProduct: PutProduct,
  ) {}

  @Get()
  @Answers(200, productPageSchema, 'A page of the catalogue, in the order of SKUs.')
  async list(@Query({ schema: productQuerySchema }) query: z.output<typeof productQuerySchema>) {
    return this.listProducts.run(query);
  }

  @Get(':sku')
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag you have: 304 without a body if it is still the one.' })
  @Answers(200, productSchema, 'The product as it stands; its ETag goes into If-Match when you change it.')
  @Answers(304, null, 'You have it already.')
  @Fails(NotFound)
  async read(
    @Param({ schema: skuParam }) { sku }: z.output<typeof skuParam>,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Product | undefined> {
    const found = await this.readProduct.run(sku);
    const tag = tagOf(found);
    // Who read it may keep it, and asks each time whether it is still so.
    reply.header('ETag', tag).header('Cache-Control', 'private, no-cache');
    if (!fitsIfNoneMatch(ifNoneMatch, tag)) return found.product;
    reply.status(304);
    return undefined;
  }

  @Put(':sku')
  @Roles('staff')
  @Idempotent()
  @ApiHeader({ name: 'If-Match', required: false, description: 'Change it only if this is still its ETag.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: '`*`: add it, but change nothing that is there.' })
  @Answers(201, productSchema, 'New in the catalogue.')
  @Answers(200, productSchema, 'Changed.')
  @Fails(PreconditionFailed)
  async put(
    @Param({ schema: skuParam }) { sku }: z.output<typeof skuParam>,
    @Body({ schema: offerSchema }) offer: Offer,
    @Headers('if-match') ifMatch: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Product> {
    const { stored, isNew } = await this.putProduct.run(sku, offer, (current) => checkPreconditions(current, { ifMatch, ifNoneMatch }));
    reply.header('ETag', tagOf(stored)).status(isNew ? 201 : 200);
    if (isNew) reply.header('Location', `/v1/products/${encodeURIComponent(sku)}`);
    return stored.product;
  }
}

/** The version tells two states with equal content apart, the content two histories with equal numbers (a restored backup). */
function tagOf({ product, version }: VersionedProduct): string {
  return etagOf({ ...product, version });
}

function checkPreconditions(current: VersionedProduct | undefined, { ifMatch, ifNoneMatch }: { ifMatch: string | undefined; ifNoneMatch: string | undefined }): void {
  const tag = current ? tagOf(current) : null;
  checkIfMatch(ifMatch, tag);
  if (fitsIfNoneMatch(ifNoneMatch, tag)) {
    throw new PreconditionFailed('If-None-Match wants nothing to be here, but there is a product with this SKU.', { current: tag });
  }
}
